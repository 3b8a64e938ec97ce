package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZenctlTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "proxy --help",
        "proxy status --help",
        "mesh --help",
        "mesh validate --help",
        "apply --help",
        "version --help",
        "help",
        "help apply",
        "help signature",
        "get --help",
        "describe --help",
        "delete --help",
        "diff --help",
        "principal put --help",
        "token create --help",
        "context set --help",
        "completion --help"
      })
  void help_isEverywhere(String line) {
    ZenctlRun run = ZenctlRun.of(Map.of(), line.split(" ", -1));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: zenctl");
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy",
        "mesh",
        "mesh validate",
        "apply",
        "proxy status -o xml",
        "signature",
        "signature verify",
        "get",
        "delete endpoint",
        "diff",
        "token",
        "principal put x",
        "context"
      })
  void wrongUsage_endsWithTwoAndSaysHow(String line) {
    ZenctlRun run = ZenctlRun.of(Map.of(), line.isEmpty() ? new String[0] : line.split(" ", -1));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Usage: zenctl");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void unknownCommand_endsWithTwoAndNamesIt() {
    ZenctlRun run = ZenctlRun.of(Map.of(), "nonsense");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("'nonsense'");
  }

  @Test
  void version_isOneLine() {
    ZenctlRun run = ZenctlRun.of(Map.of(), "version");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines()).singleElement().asString().startsWith("zenctl ");
  }

  @Test
  void missingConfig_saysWhereItWasLookedFor() {
    ZenctlRun run = ZenctlRun.of(Map.of("ZEN_STATE", folder.toString()), "proxy", "status");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("zenctl: config: " + folder.resolve("zenctl.yaml") + " does not exist");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void wrongConfig_tellsAllProblems() throws IOException {
    Path config = folder.resolve("zenctl.yaml");
    Files.writeString(config, "api: http://x\nserver: nobody\ncolour: red\n");
    ZenctlRun run = ZenctlRun.of(config, "proxy", "status");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "colour: unknown key (expected: api, identity or tokenFile and bundle, server, tenant)",
            "api: malformed (expected: https://HOST:PORT)",
            "identity: missing (expected: a directory)",
            "server: malformed (expected: spiffe://domain/control-plane)");
  }

  private Path config(int port) throws IOException {
    DevPki pki = DevPki.openOrCreate(folder.resolve("pki-zenctl"), "zen.test", Clock.systemUTC());
    IdentityFiles identity =
        pki.issue(folder.resolve("operator"), Leaf.workload("/operator/admin"));
    Path config = folder.resolve("zenctl.yaml");
    Files.writeString(
        config,
        "api: https://127.0.0.1:%d%nidentity: %s%nserver: spiffe://zen.test/control-plane%n"
            .formatted(port, folder.relativize(identity.directory())));
    return config;
  }

  @Test
  void unreachableApi_isOneClearLine() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    ZenctlRun run = ZenctlRun.of(config(free), "proxy", "status");
    assertThat(run.exitCode()).isOne();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "zenctl: api: https://127.0.0.1:"
                + free
                + " is not reachable (expected: a running control plane)");
  }

  @Test
  void validate_saysWhatAGoodFileHolds() throws IOException {
    TestMesh.in(folder);
    Path mesh = folder.resolve("mesh.yaml");
    Files.writeString(mesh, TestMesh.all());
    ZenctlRun run = ZenctlRun.of(Map.of(), "mesh", "validate", "-f", mesh.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .isEqualToIgnoringNewLines(
            mesh + ": good: 2 tenants, 1 clusters, 5 secrets, 2 destinations, 2 endpoints");
  }

  @Test
  void validate_tellsEveryProblemAndEndsWithOne() throws IOException {
    Path mesh = folder.resolve("mesh.yaml");
    Files.writeString(mesh, "kind: A\n---\nkind: B\n");
    ZenctlRun run = ZenctlRun.of(Map.of(), "mesh", "validate", "-f", mesh.toString());
    assertThat(run.exitCode()).isOne();
    assertThat(run.err()).contains(mesh + ":1: A #1: ", mesh + ":3: B #2: ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void validate_missingFileEndsWithTwo() {
    ZenctlRun run =
        ZenctlRun.of(Map.of(), "mesh", "validate", "-f", folder.resolve("no.yaml").toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("no.yaml cannot be read (expected: a readable file)");
  }

  @Test
  void validate_takesSecretsFromTheirFolder() throws IOException {
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    TestMesh.in(secrets);
    Path mesh = folder.resolve("mesh.yaml");
    Files.writeString(mesh, TestMesh.all());
    ZenctlRun run =
        ZenctlRun.of(
            Map.of(),
            "mesh",
            "validate",
            "-f",
            mesh.toString(),
            "--secrets-dir",
            secrets.toString());
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void table_isAlignedAndFitForATerminal() {
    assertThat(
            TextTable.lines(
                List.of(List.of("A", "LONG", "B"), List.of("value", "x", "bell\u0007\nnext"))))
        .containsExactly("A      LONG  B", "value  x     bell  next");
  }

  @Test
  void auditTail_askingWithoutAPause_isWrongUsage() {
    ZenctlRun run = ZenctlRun.of(Map.of(), "audit", "tail", "--seconds", "0");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--seconds: 0 (expected: 1 to 3600)");
  }
}
