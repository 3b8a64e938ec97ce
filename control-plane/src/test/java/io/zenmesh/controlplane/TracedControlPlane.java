package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.traces.LeakOnPurpose;
import io.zenmesh.xds.traces.PlantedSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A process of the control plane that works with secrets, and what was planted in it. */
abstract class TracedControlPlane extends ControlPlaneFixture {
  private static final Pattern READY = Pattern.compile("ready xds=.*:([0-9]+) api=.*:([0-9]+)");

  final SecureRandom random = new SecureRandom();
  final List<PlantedSecret> planted = new ArrayList<>();
  final StringBuilder answers = new StringBuilder();
  PlantedSecret leak;
  Process process;
  Path log;
  ControlPlane.Ports ports;

  @BeforeEach
  void start() throws Exception {
    leak = new PlantedSecret(LeakOnPurpose.NAME, fresh());
    Path leakFile = home.resolve("leak");
    Files.write(leakFile, leak.bytes());
    log = home.resolve("stderr.log");
    process =
        new ProcessBuilder(
                jdk("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                LeakingControlPlane.class.getName(),
                leakFile.toString(),
                "serve",
                "--trust-domain",
                "zen.test",
                "--identity",
                issue("/control-plane").directory().toString(),
                "--xds-listen",
                "127.0.0.1:0",
                "--api-listen",
                "127.0.0.1:0",
                "--pg",
                database.toString(),
                "--pg-credentials",
                database.credentials().toString(),
                "--keyset",
                home.resolve("keyset.json").toString(),
                "--mesh",
                mesh.toString())
            .redirectError(log.toFile())
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Matcher ready = READY.matcher(String.valueOf(out.readLine()));
    assertThat(ready.matches()).as(Files.readString(log)).isTrue();
    ports =
        new ControlPlane.Ports(Integer.parseInt(ready.group(1)), Integer.parseInt(ready.group(2)));
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  static String jdk(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program).toString();
  }

  byte[] fresh() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Adds up everything that was said. */
  ZenctlRun zenctl(String... words) throws IOException {
    ZenctlRun run = zenctl(ports.api(), "/operator/admin", words);
    answers.append(run.out()).append(run.err());
    return run;
  }

  void done(String... words) throws IOException {
    ZenctlRun run = zenctl(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  Path plant(String name, byte[] value) throws IOException {
    planted.add(new PlantedSecret(name, value));
    Path file = Files.createTempFile(home, "value", "");
    Files.write(file, value);
    return file;
  }

  /** Puts a secret in each of four encodings; the key of an endpoint is used by it too. */
  void putFour(int round) throws IOException {
    String key = "zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(fresh());
    put("signing", plant("zen key " + round, key.getBytes(StandardCharsets.US_ASCII)));
    put("raw", plant("raw bytes " + round, fresh()));
    put(
        "hex",
        plant(
            "hex text " + round,
            HexFormat.of().formatHex(fresh()).getBytes(StandardCharsets.US_ASCII)));
    put("base64", plant("base64 text " + round, Base64.getEncoder().encode(fresh())));
  }

  void put(String name, Path value) throws IOException {
    done("secret", "put", name, "--tenant", "acme", "--secret-file", value.toString());
  }

  @AccessesPartialKey
  void plantKeks(String when) throws Exception {
    AeadConfig.register();
    KeysetHandle keyset =
        TinkJsonProtoKeysetFormat.parseKeyset(
            Files.readString(home.resolve("keyset.json")),
            RegistryConfiguration.get(),
            InsecureSecretKeyAccess.get());
    for (int i = 0; i < keyset.size(); i++) {
      if (keyset.getAt(i).getKey() instanceof AesGcmKey key) {
        planted.add(
            new PlantedSecret(
                "kek " + when, key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get())));
      }
    }
  }

  void plantRoots() throws Exception {
    Envelope envelope =
        new Envelope(KeysetFile.openOrCreate(home.resolve("keyset.json"), true), random);
    int roots = 0;
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery("select * from zen.secret_version where secret = 'zen-root'")) {
      while (rows.next()) {
        SecretRef ref =
            new SecretRef(new Name(rows.getString("tenant")), new Name(rows.getString("secret")));
        SealedSecret sealed =
            new SealedSecret(
                rows.getString("algorithm"),
                rows.getString("kek_id"),
                rows.getBytes("wrapped_key"),
                rows.getBytes("ciphertext"));
        try (SecretBytes root = envelope.open(ref, rows.getLong("version"), sealed)) {
          planted.add(
              new PlantedSecret("root of " + ref.tenant(), root.copy(SecretAccess.granted())));
          roots++;
        }
      }
    }
    assertThat(roots).as("roots of acme and of the system").isEqualTo(2);
  }

  void issueKey() throws IOException {
    done(
        "key",
        "issue",
        "--tenant",
        "acme",
        "--cluster",
        "edge-local",
        "--purpose",
        "ingress",
        "--out",
        home.resolve("issued.key").toString());
  }
}
