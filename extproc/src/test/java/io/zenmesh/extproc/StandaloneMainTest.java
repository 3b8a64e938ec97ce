package io.zenmesh.extproc;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process without a control plane, by its command line. */
class StandaloneMainTest {
  @TempDir private Path directory;
  private int adminPort;

  @BeforeEach
  void write() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      adminPort = free.getLocalPort();
    }
    Path secret = directory.resolve("orders");
    Files.writeString(secret, "zenk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
  }

  private List<String> serve(String scheme) throws IOException {
    Path config = directory.resolve("endpoints.yaml");
    Files.writeString(
        config,
        """
        listen: %s
        replay: {memory: {}}
        admin: {address: 127.0.0.1:%d}
        endpoints:
          - {tenant: acme, name: orders, scheme: %s, secrets: [{file: orders}]}
        """
            .formatted(directory.resolve("x.sock"), adminPort, scheme));
    return List.of("serve", "--config=" + config);
  }

  private HttpResponse<String> get(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
              .timeout(Duration.ofSeconds(5))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void serveWithConfig_becomesReady_showsItsFile_endsWithZero() throws Exception {
    try (ProcessorProcess process = ProcessorProcess.start(directory, serve("zen"))) {
      assertThat(process.readyLine())
          .isEqualTo(
              "ready socket=" + directory.resolve("x.sock") + " admin=127.0.0.1:" + adminPort);
      HttpResponse<String> ready =
          eventually("ready", () -> get("/readyz"), answer -> answer.statusCode() == 200);
      assertThat(ready.body()).contains("\"configuration\"", "the file is in force");
      assertThat(get("/metrics").body())
          .contains("zen_config_loads_total{outcome=\"taken\"} 1.0", "zen_policy_endpoints 1.0");
      process.terminate();
      assertThat(process.exitStatus()).as(process.stderr()).isZero();
    }
  }

  @Test
  void badFile_exits2_withALineForEachProblem() throws Exception {
    Files.delete(directory.resolve("orders"));
    List<String> arguments = serve("zem");
    try (ProcessorProcess process = ProcessorProcess.start(directory, arguments)) {
      assertThat(process.exitStatus()).isEqualTo(2);
      assertThat(process.stderr())
          .startsWith("zen-extproc: " + directory.resolve("endpoints.yaml") + ":5:")
          .contains("scheme: zem: unknown, did you mean zen?");
    }
  }

  @Test
  void optionsOfBothWays_orOfNone_exit2_andSayWhich() throws Exception {
    assertUsage(
        List.of("serve", "--config=x.yaml", "--xds=127.0.0.1:1"),
        "--config: together with --xds (expected: --config alone");
    assertUsage(
        List.of("serve"), "no options (expected: --config FILE to run stand-alone, or --xds");
    assertUsage(
        List.of("serve", "--xds=127.0.0.1:1", "--node=a"),
        "--cluster, --trust-domain, --identity, --socket, --redis, --redis-user,"
            + " --redis-password-file, --admin: missing");
  }

  private void assertUsage(List<String> arguments, String said) throws Exception {
    try (ProcessorProcess process = ProcessorProcess.start(directory, arguments)) {
      assertThat(process.exitStatus()).isEqualTo(2);
      assertThat(process.stderr()).contains(said);
    }
  }
}
