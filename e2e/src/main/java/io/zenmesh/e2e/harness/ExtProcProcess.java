package io.zenmesh.e2e.harness;

import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The external processor beside one ingress Envoy, in its own JVM with its own identity. */
public final class ExtProcProcess extends Restartable {
  private static final String MAIN = "io.zenmesh.extproc.Main";
  private static final String MODULE = "extproc";
  private static final int HEAP_MEBIBYTES = 128;
  private static final Duration STARTED = Duration.ofSeconds(90);
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Pattern READY_LINE =
      Pattern.compile("^ready socket=(\\S+) admin=(\\S+)$", Pattern.MULTILINE);

  private final Supervisor supervisor;
  private final Spec spec;
  private volatile RedisStore redis;

  /**
   * What it is made of.
   *
   * @param name its name in the mesh
   * @param checkout where its classes are
   * @param node who it is to the control plane
   * @param trustDomain of every SPIFFE id
   * @param identity its certificate and key
   * @param xds the control plane's xDS
   * @param socket where Envoy finds it
   * @param admin its health and metrics
   * @param state where it keeps what providers hand over
   * @param receipts where its receipts wait
   * @param log its log
   */
  public record Spec(
      String name,
      Checkout checkout,
      NodeId node,
      String trustDomain,
      IdentityFiles identity,
      HostPort xds,
      Path socket,
      HostPort admin,
      Path state,
      Path receipts,
      Path log) {}

  private ExtProcProcess(Supervisor supervisor, Spec spec, RedisStore redis) {
    super(launch(supervisor, spec, redis));
    this.supervisor = supervisor;
    this.spec = spec;
    this.redis = redis;
  }

  /** Starts it; does not wait. */
  public static ExtProcProcess start(Supervisor supervisor, Spec spec, RedisStore redis) {
    return new ExtProcProcess(supervisor, spec, redis);
  }

  public Path socket() {
    return spec.socket();
  }

  public HostPort admin() {
    return spec.admin();
  }

  /** Waits until {@code /readyz} answers 200: policies there, Redis reachable, quarantine over. */
  public ExtProcProcess awaitReady() {
    var _ = process().awaitLine(READY_LINE, STARTED);
    int status =
        process()
            .await(
                "/readyz",
                READY,
                () -> {
                  HttpResponse<String> answer = get("/readyz");
                  return answer.statusCode() == 200
                      ? Found.value(answer.statusCode())
                      : Found.instead(answer.statusCode() + " " + answer.body().strip());
                });
    assert status == 200;
    return this;
  }

  /** Asks its admin port, showing its own certificate. */
  public HttpResponse<String> get(String path) throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(PemIdentity.mutualTls(spec.identity()))
            .connectTimeout(Duration.ofSeconds(2))
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://" + spec.admin() + path))
              .timeout(Duration.ofSeconds(5))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Stops it when it runs, and starts it again on the same socket. */
  public void restart() {
    restartWith(redis);
  }

  /** Starts it again on another Redis. */
  public void restartWith(RedisStore other) {
    redis = other;
    relaunch();
    var _ = awaitReady();
  }

  @Override
  ChildProcess launch() {
    return launch(supervisor, spec, redis);
  }

  private static ChildProcess launch(Supervisor supervisor, Spec spec, RedisStore redis) {
    try {
      Files.deleteIfExists(spec.socket());
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": socket cannot be removed", e);
    }
    List<String> arguments = new ArrayList<>();
    redis
        .identity()
        .ifPresent(
            own -> arguments.addAll(List.of("--redis-identity", own.directory().toString())));
    arguments.addAll(
        0,
        List.of(
            "serve",
            "--node",
            spec.node().name().value(),
            "--cluster",
            spec.node().cluster().value(),
            "--trust-domain",
            spec.trustDomain(),
            "--identity",
            spec.identity().directory().toString(),
            "--xds",
            spec.xds().toString(),
            "--socket",
            spec.socket().toString(),
            "--redis",
            redis.url(),
            "--redis-user",
            redis.user(),
            "--redis-password-file",
            redis.passwordFile().toString(),
            "--admin",
            spec.admin().toString(),
            "--state",
            spec.state().toString(),
            "--receipts",
            spec.receipts().toString()));
    Checkout checkout = spec.checkout();
    return supervisor.start(
        checkout.child(
            spec.name(),
            MODULE,
            checkout.java(MODULE, MAIN, HEAP_MEBIBYTES, arguments),
            spec.identity().directory().toString(),
            spec.log()));
  }
}
