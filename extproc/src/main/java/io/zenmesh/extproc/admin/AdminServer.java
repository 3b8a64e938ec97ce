package io.zenmesh.extproc.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves {@code /healthz} and {@code /readyz} to everyone and {@code /metrics} to clients whose
 * certificate chains to the bundle, over TLS 1.3 only. Without an identity it speaks plain HTTP and
 * serves {@code /metrics} to everyone, and listens on a loopback address only.
 */
public final class AdminServer implements AutoCloseable {
  private static final int BACKLOG = 64;
  private static final int THREADS = 2;
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;
  private static final String JSON = "application/json";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("admin-", 0).factory());
  private final Readiness readiness;
  private final ProcessorMetrics metrics;

  private record Reply(int status, String type, String body) {}

  /**
   * Binds.
   *
   * @param listen port 0 for a free one
   * @param identity empty for plain HTTP
   * @throws IOException when the identity cannot be read or the port is taken
   * @throws IllegalArgumentException for plain HTTP on an address that others can reach
   */
  public AdminServer(
      InetSocketAddress listen,
      Optional<IdentityFiles> identity,
      Readiness readiness,
      ProcessorMetrics metrics)
      throws IOException {
    this.readiness = readiness;
    this.metrics = metrics;
    if (identity.isEmpty()) {
      if (listen.getAddress() == null || !listen.getAddress().isLoopbackAddress()) {
        throw new IllegalArgumentException(
            "admin: " + listen + " without identity (expected: a loopback address)");
      }
      server = HttpServer.create(listen, BACKLOG);
    } else {
      SSLContext tls = MutualTls.load(identity.get()).server();
      HttpsServer https = HttpsServer.create(listen, BACKLOG);
      https.setHttpsConfigurator(new WantClientCertificate(tls));
      server = https;
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
  }

  /** Begins to answer; returns where. */
  public InetSocketAddress start() {
    server.start();
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply = reply(exchange);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", reply.type());
      exchange.getResponseHeaders().set("cache-control", "no-store");
      exchange.sendResponseHeaders(reply.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private Reply reply(HttpExchange exchange) {
    if (!exchange.getRequestMethod().equals("GET")) {
      return problem(METHOD_NOT_ALLOWED, "method_not_allowed");
    }
    return switch (exchange.getRequestURI().getPath()) {
      case "/healthz" -> new Reply(OK, JSON, "{\"status\":\"alive\"}");
      case "/readyz" -> ready();
      case "/metrics" ->
          identified(exchange)
              ? new Reply(OK, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape())
              : problem(FORBIDDEN, "client_certificate_required");
      default -> problem(NOT_FOUND, "not_found");
    };
  }

  private Reply ready() {
    List<Readiness.Condition> conditions = readiness.conditions();
    boolean all = conditions.stream().allMatch(Readiness.Condition::ok);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("ready", all);
    body.put(
        "conditions",
        conditions.stream()
            .collect(
                Collectors.toMap(
                    Readiness.Condition::name,
                    condition -> Map.of("ok", condition.ok(), "detail", condition.detail()),
                    (a, b) -> a,
                    LinkedHashMap::new)));
    return new Reply(all ? OK : UNAVAILABLE, JSON, MAPPER.writeValueAsString(body));
  }

  private static Reply problem(int status, String code) {
    return new Reply(
        status,
        "application/problem+json",
        "{\"type\":\"https://zenmesh.io/problems/"
            + code
            + "\",\"status\":"
            + status
            + ",\"code\":\""
            + code
            + "\"}");
  }

  /** A certificate that was shown has been checked against the bundle in the handshake. */
  private static boolean identified(HttpExchange exchange) {
    if (!(exchange instanceof HttpsExchange https)) {
      return true;
    }
    try {
      return https.getSSLSession().getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static final class WantClientCertificate extends HttpsConfigurator {
    WantClientCertificate(SSLContext tls) {
      super(tls);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setProtocols(new String[] {"TLSv1.3"});
      tls.setWantClientAuth(true);
      parameters.setSSLParameters(tls);
    }
  }
}
