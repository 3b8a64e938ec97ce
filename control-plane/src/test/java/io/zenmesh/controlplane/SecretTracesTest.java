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
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
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
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a control plane that has worked with secrets leaves behind: on its heap, in its log, its
 * answers and its database. Every look first finds a secret that was left there on purpose.
 */
class SecretTracesTest extends ControlPlaneFixture {
  private static final Pattern READY = Pattern.compile("ready xds=.*:([0-9]+) api=.*:([0-9]+)");
  private static final long PATIENCE_SECONDS = 60;

  private final SecureRandom random = new SecureRandom();
  private final List<PlantedSecret> planted = new ArrayList<>();
  private final StringBuilder answers = new StringBuilder();
  private PlantedSecret leak;
  private Process process;
  private Path log;
  private ControlPlane.Ports ports;

  @BeforeEach
  void start() throws Exception {
    leak = new PlantedSecret("leaked on purpose", fresh());
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

  private static String jdk(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program).toString();
  }

  private byte[] fresh() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Adds up everything that was said. */
  private ZenctlRun zenctl(String... words) throws IOException {
    ZenctlRun run = zenctl(ports.api(), "/operator/admin", words);
    answers.append(run.out()).append(run.err());
    return run;
  }

  private void done(String... words) throws IOException {
    ZenctlRun run = zenctl(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private Path plant(String name, byte[] value) throws IOException {
    planted.add(new PlantedSecret(name, value));
    Path file = Files.createTempFile(home, "value", "");
    Files.write(file, value);
    return file;
  }

  /** Puts a secret in each of four encodings; the key of an endpoint is used by it too. */
  private void putFour(int round) throws IOException {
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

  private void put(String name, Path value) throws IOException {
    done("secret", "put", name, "--tenant", "acme", "--secret-file", value.toString());
  }

  /** Ends and erases all that was ever put, with one version more of each that may live on. */
  private void destroyAll() throws Exception {
    List<PlantedSecret> wanted = List.copyOf(planted);
    putFour(99);
    planted.clear();
    planted.addAll(wanted);
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select secret, version from zen.secret_version where tenant = 'acme'"
                    + " and secret in ('signing', 'raw', 'hex', 'base64')"
                    + " and state = 'retired'")) {
      int ended = 0;
      while (rows.next()) {
        done(
            "secret",
            "destroy",
            rows.getString(1),
            "--tenant",
            "acme",
            "--version-number",
            rows.getString(2));
        ended++;
      }
      assertThat(ended).as("two of each, and what the mesh began with").isEqualTo(9);
    }
  }

  @AccessesPartialKey
  private void plantKeks(String when) throws Exception {
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

  private void plantRoots() throws Exception {
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

  private void issueKey() throws IOException {
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

  private SortedSet<String> onTheHeap() throws Exception {
    String pid = Long.toString(process.pid());
    Path dump = home.resolve("heap.hprof");
    Files.deleteIfExists(dump);
    for (String[] words :
        new String[][] {
          {"GC.run"}, {"GC.run"}, {"GC.heap_dump", "-all", dump.toString()},
        }) {
      List<String> command = new ArrayList<>(List.of(jdk("jcmd"), pid));
      command.addAll(List.of(words));
      Path said = home.resolve("jcmd.out");
      Process jcmd =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      assertThat(jcmd.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(jcmd.exitValue()).as(Files.readString(said)).isZero();
    }
    List<PlantedSecret> wanted = new ArrayList<>(planted);
    wanted.add(leak);
    return new ByteScan(wanted).in(dump);
  }

  @Test
  void K06_destroyedVersionsRootsAndKeks_areNotInAHeapDump() throws Exception {
    try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
      processor.await(it -> it.keys().size() == 2);
      putFour(1);
      issueKey();
      plantKeks("before rotation");
      done("kek", "rotate");
      plantKeks("after rotation");
      plantRoots();
      putFour(2);
      processor.await(it -> String.valueOf(it.keys()).contains("acme.edge-local.1"));
      // Nothing of a live secret is claimed; that a used one is found shows that the look is good.
      assertThat(onTheHeap()).anyMatch(it -> it.startsWith("zen key 2"));

      destroyAll();
      SortedSet<String> found = onTheHeap();

      assertThat(found)
          .contains(
              "leaked on purpose (raw)",
              "leaked on purpose (hex)",
              "leaked on purpose (HEX)",
              "leaked on purpose (base64)",
              "leaked on purpose (base64url)",
              "leaked on purpose (raw UTF-16BE)",
              "leaked on purpose (hex UTF-16BE)",
              "leaked on purpose (base64 UTF-16LE)");
      assertThat(found).allMatch(it -> it.startsWith("leaked on purpose"));
      assertThat(planted).hasSize(8 + 2 + 2);
    }
  }

  /** Every row of every table as text, which is what a dump of the database is made of. */
  private byte[] rows() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> tables = new ArrayList<>();
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement()) {
      try (ResultSet names =
          statement.executeQuery("select tablename from pg_tables where schemaname = 'zen'")) {
        while (names.next()) {
          tables.add(names.getString(1));
        }
      }
      for (String table : tables) {
        try (ResultSet rows =
            statement.executeQuery("select t::text from zen.\"" + table + "\" t")) {
          while (rows.next()) {
            all.writeBytes((table + rows.getString(1) + "\n").getBytes(StandardCharsets.UTF_8));
          }
        }
      }
    }
    assertThat(tables).contains("audit_entry", "secret_version", "key_version");
    return all.toByteArray();
  }

  private void leakInto(String sql) throws Exception {
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void K06_secretsThatWereUsedAndRefused_areNotInLogAnswersRecordOrDatabase() throws Exception {
    putFour(1);
    issueKey();
    plantKeks("in use");
    plantRoots();
    // Refused ones too: too short for the scheme, for a name that cannot be, for nobody.
    for (String name : new String[] {"signing", "zen-root", "No_Name"}) {
      Path refused =
          plant(
              "refused for " + name,
              ("unfit-" + HexFormat.of().formatHex(fresh())).getBytes(StandardCharsets.US_ASCII));
      assertThat(
              zenctl("secret", "put", name, "--tenant", "acme", "--secret-file", refused.toString())
                  .exitCode())
          .isNotZero();
    }
    ByteScan scan = new ByteScan(planted);
    byte[] rows = rows();
    assertThat(new String(rows, StandardCharsets.UTF_8)).contains("secret.put", "secret.unwrap");
    assertThat(scan.in(rows)).as("rows").isEmpty();
    assertThat(Files.size(log)).isPositive();
    assertThat(scan.in(log)).as("log").isEmpty();
    assertThat(answers.toString()).contains("stored and sent", "value_unfit");
    assertThat(scan.in(answers.toString().getBytes(StandardCharsets.UTF_8)))
        .as("answers")
        .isEmpty();

    // And each place again with something in it.
    String hex = HexFormat.of().formatHex(planted.getFirst().bytes());
    leakInto("create table zen.leak as select '\\x" + hex + "'::bytea as value");
    assertThat(scan.in(rows())).contains("zen key 1 (hex)");
    Files.writeString(log, "\nvalue=" + hex, java.nio.file.StandardOpenOption.APPEND);
    assertThat(scan.in(log)).contains("zen key 1 (hex)");
    answers.append(new String(planted.getFirst().bytes(), StandardCharsets.US_ASCII));
    assertThat(scan.in(answers.toString().getBytes(StandardCharsets.UTF_8)))
        .contains("zen key 1 (raw)");
  }
}
