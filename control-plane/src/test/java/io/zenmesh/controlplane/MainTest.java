package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The process as an operator starts it: arguments, the ready line, signals, exit codes. */
@ExtendWith(PostgresExtension.class)
class MainTest {
  private static final long PATIENCE_SECONDS = 60;

  @TempDir Path home;
  private final List<Process> started = new ArrayList<>();
  private Path errors;

  @BeforeEach
  void prepare() {
    errors = home.resolve("stderr.log");
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // The product's own, not the one tests log by.
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    started.add(process);
    return process;
  }

  private String[] serve(String mesh) throws IOException {
    DevPki pki = DevPki.openOrCreate(home.resolve("pki-mesh"), "zen.test", Clock.systemUTC());
    IdentityFiles identity = pki.issue(home.resolve("identity"), Leaf.workload("/control-plane"));
    PostgresAddress database = TestPostgres.freshDatabase();
    Path folder = Files.createDirectory(home.resolve("mesh"));
    TestMesh.in(folder);
    Files.writeString(folder.resolve("mesh.yaml"), mesh);
    return new String[] {
      "serve",
      "--trust-domain",
      "zen.test",
      "--identity",
      identity.directory().toString(),
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
      folder.resolve("mesh.yaml").toString()
    };
  }

  private int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("ends").isTrue();
    return process.exitValue();
  }

  @Test
  void serve_saysReadyAndEndsOnSigtermWithZero() throws Exception {
    Process process = start(serve(TestMesh.all()));
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine())
          .as(Files.readString(errors))
          .matches("ready xds=127\\.0\\.0\\.1:[1-9][0-9]* api=127\\.0\\.0\\.1:[1-9][0-9]*");
      process.toHandle().destroy();
      assertThat(exitCode(process)).isZero();
      assertThat(out.readLine()).isNull();
    }
    assertThat(Files.readAllLines(errors))
        .allMatch(line -> line.startsWith("{\"timestamp\""))
        .anyMatch(line -> line.contains("mesh mesh.yaml applied: "));
    assertThat(Files.readString(errors)).doesNotContain("zenk1_", "PRIVATE KEY", "test-zen_app");
  }

  @Test
  void malformedMesh_endsWithTwoAndEveryProblem() throws Exception {
    Process process = start(serve("kind: Tenant\n---\nkind: Nonsense\n"));
    assertThat(exitCode(process)).isEqualTo(2);
    assertThat(Files.readAllLines(errors))
        .contains("mesh.yaml:1: Tenant #1: apiVersion: missing (expected: zenmesh.io/v1alpha1)")
        .anyMatch(line -> line.startsWith("mesh.yaml:3: Nonsense #2: kind: Nonsense"));
  }

  @Test
  void unknownOption_endsWithTwo() throws Exception {
    Process process = start("serve", "--what");
    assertThat(exitCode(process)).isEqualTo(2);
    assertThat(Files.readString(errors)).contains("Missing required options");
  }

  @Test
  void badCredentials_endWithOneAndOneLine() throws Exception {
    String[] arguments = serve(TestMesh.all());
    Path credentials = home.resolve("credentials");
    Path original = Path.of(arguments[12]);
    for (String file :
        List.of(
            "root.pem",
            "zen_owner/svid.pem",
            "zen_owner/key.pem",
            "zen_app/svid.pem",
            "zen_app/key.pem",
            "zen_fleet/svid.pem",
            "zen_fleet/key.pem",
            "zen_audit/svid.pem",
            "zen_audit/key.pem")) {
      Files.createDirectories(credentials.resolve(file).getParent());
      Files.copy(original.resolve(file), credentials.resolve(file));
    }
    for (String role : List.of("zen_owner", "zen_app", "zen_fleet", "zen_audit")) {
      Files.writeString(credentials.resolve(role).resolve("password"), "CANARY-wrong");
    }
    arguments[12] = credentials.toString();
    assertThat(exitCode(start(arguments))).isOne();
    assertThat(Files.readAllLines(errors))
        .filteredOn(line -> !line.startsWith("{"))
        .singleElement()
        .asString()
        .contains("login zen_owner failed: ")
        .contains("password authentication failed")
        .doesNotContain("CANARY");
  }
}
