package io.zenmesh.e2e.standalone;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.ChildProcess;
import io.zenmesh.e2e.harness.ChildSpec;
import io.zenmesh.e2e.harness.EnvoyBinary;
import io.zenmesh.e2e.harness.EnvoyProcess;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.e2e.harness.Ports;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.e2e.harness.Supervisor;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Envoy of docs/standalone.md with its fragments pasted in, {@code extproc serve --config}
 * beside it with the example's endpoints, and a target; nothing else.
 */
final class OwnEnvoy implements AutoCloseable {
  private static final String FRAGMENTS = "/io/zenmesh/envoyconfig/standalone/";
  private static final Pattern PASTE = Pattern.compile("(?m)^( *)# paste ([a-z-]+\\.yaml)$");
  private static final Duration SOON = Duration.ofSeconds(60);

  private final StateDirectory state;
  private final Supervisor supervisor;
  private final DevPki pki;
  private final PlainTarget target = new PlainTarget();
  private final int port = Ports.anyFree();
  private final int adminPort = Ports.anyFree();
  private final Path socket;
  private final String bootstrap;
  private final EnvoyProcess envoy;
  private ChildProcess processor;

  OwnEnvoy(Path directory) throws IOException {
    state = StateDirectory.open(directory);
    supervisor = new Supervisor(state.run());
    pki = DevPki.openOrCreate(state.pki(), "zen.test", Clock.systemUTC());
    socket = state.socketPath("extproc");
    pki.issue(
        state.identity("edge"), Leaf.server("edge", "hooks.acme.example", "hooks.globex.example"));
    writeSecrets();
    writeConfig(example());
    processor = launch();
    bootstrap = bootstrap();
    envoy =
        EnvoyProcess.start(
                supervisor,
                new EnvoyProcess.Spec(
                    "envoy-own",
                    EnvoyBinary.find(),
                    state.envoy("own"),
                    state.log("envoy-own"),
                    bootstrap,
                    state.socketPath("own-admin"),
                    Optional.of("edge"),
                    "warning"))
            .awaitReady();
    awaitReady();
  }

  static String resource(String name) {
    try (InputStream in = OwnEnvoy.class.getResourceAsStream(FRAGMENTS + name)) {
      if (in == null) {
        throw new AssertionError(name + " is not in envoy-config");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page's Envoy, with every fragment that it names pasted at its place. */
  private String bootstrap() throws IOException {
    String page = Files.readString(Checkout.find().root().resolve("docs/standalone.md"));
    Matcher block = Pattern.compile("(?s)```yaml\\n(admin:.*?)```").matcher(page);
    if (!block.find()) {
      throw new AssertionError("docs/standalone.md shows no Envoy");
    }
    String pasted =
        PASTE
            .matcher(block.group(1))
            .replaceAll(place ->
                Matcher.quoteReplacement(
                    resource(place.group(2))
                        .strip()
                        .indent(place.group(1).length())
                        .stripTrailing()));
    return pasted
        .replace("/run/zen/extproc.sock", socket.toString())
        .replace("/run/zen/envoy-admin.sock", state.socketPath("own-admin").toString())
        .replace("/etc/zen/edge", state.identity("edge").toString())
        .replace("0.0.0.0", "127.0.0.1")
        .replace("port_value: 8443", "port_value: " + port)
        .replace("port_value: 8080", "port_value: " + target.port());
  }

  /** The example file, with paths and ports of this machine. */
  String example() {
    return resource("endpoints.yaml")
        .replace("/run/zen/extproc.sock", socket.toString())
        .replace("127.0.0.1:9902", "127.0.0.1:" + adminPort);
  }

  Path config() {
    return state.extproc("own").resolve("endpoints.yaml");
  }

  /** Replaces the file in one step. */
  void writeConfig(String text) throws IOException {
    Path draft = config().resolveSibling("endpoints.draft");
    Files.writeString(draft, text);
    Files.move(draft, config(), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path secrets() {
    return state.extproc("own").resolve("secrets");
  }

  private void writeSecrets() throws IOException {
    Files.createDirectories(secrets().resolve("mounted"));
    write(secrets().resolve("orders"), "zenk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    write(secrets().resolve("builds"), "a-test-secret-of-builds");
    mount("1", "whsec_test_first");
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** Swaps the mounted directory as Kubernetes does: a link is renamed over the one before. */
  void mount(String version, String payments) throws IOException {
    Path mounted = secrets().resolve("mounted");
    Path data = Files.createDirectories(mounted.resolve("..v" + version));
    write(data.resolve("payments"), payments);
    write(data.resolve("payments-next"), payments + "_next");
    Path link = Files.createSymbolicLink(mounted.resolve("..tmp"), data.getFileName());
    Files.move(link, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (String key : List.of("payments", "payments-next")) {
      Path visible = mounted.resolve(key);
      if (!Files.exists(visible)) {
        Files.createSymbolicLink(visible, Path.of("..data", key));
      }
    }
  }

  Path secret(String name) {
    return secrets().resolve(name);
  }

  private ChildProcess launch() {
    Checkout checkout = Checkout.find();
    List<String> command =
        checkout.java(
            "extproc",
            "io.zenmesh.extproc.Main",
            128,
            List.of("serve", "--config", config().toString()));
    return supervisor.start(
        ChildSpec.of("extproc-own", command, state.log("extproc-own"))
            .withMarker(config().toString()));
  }

  ChildProcess processor() {
    return processor;
  }

  void kill() {
    processor.kill();
  }

  void startAgain() {
    processor = launch();
    awaitReady();
  }

  /** Ready after the start's five seconds, in which what is signed could be a replay. */
  private void awaitReady() {
    var _ =
        processor.await(
            "/readyz",
            SOON,
            () -> {
              HttpResponse<String> answer = get("/readyz");
              return answer.statusCode() == 200
                  ? Found.value(answer.body())
                  : Found.instead(answer.body());
            });
  }

  HttpResponse<String> get(String path) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
              .timeout(Duration.ofSeconds(5))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Waits until {@code /readyz} says this of the configuration. */
  void awaitState(String text) {
    Eventually.holds("configuration: " + text, SOON, () -> get("/readyz").body().contains(text));
  }

  int port() {
    return port;
  }

  PlainTarget target() {
    return target;
  }

  /** What Envoy was started with. */
  String started() {
    return bootstrap;
  }

  String configDump() {
    return envoy.admin("/config_dump");
  }

  Path roots() {
    return state.identity("edge").resolve("bundle.pem");
  }

  @Override
  public void close() {
    try (state;
        supervisor) {
      target.close();
    }
  }
}
