package io.zenmesh.controlplane.api;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The operator's API over HTTPS, TLS 1.3 only.
 *
 * <p>{@code /v1} is for operators by client certificate ({@link OperatorGate}); {@code /healthz}
 * and {@code /readyz} answer anyone, with no detail. A certificate that is shown must be good on
 * every path. Errors are RFC 9457.
 */
public final class ApiServer implements AutoCloseable {
  private static final int MAX_THREADS = 24;
  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int IDLE_MILLIS = 30_000;
  private static final int BACKLOG = 64;
  private static final long STOP_MILLIS = 2_000;

  /**
   * Where the API listens and who it is.
   *
   * @param listen the address; port 0 takes a free one
   * @param identity read once, at start
   * @param trustDomain the only trust domain whose operators are served
   */
  public record Config(InetSocketAddress listen, IdentityFiles identity, String trustDomain) {}

  private final Config config;
  private final OperatorGate gate;
  private final ApiRoutes routes;
  private Optional<Javalin> running = Optional.empty();

  public ApiServer(Config config, ApiRoutes routes, InstantSource clock) {
    this.config = config;
    this.gate = new OperatorGate(config.trustDomain(), clock);
    this.routes = routes;
  }

  /**
   * Binds and serves.
   *
   * @return the bound port
   * @throws IOException when the identity cannot be read or the address not be bound
   */
  public synchronized int start() throws IOException {
    MutualTls tls = MutualTls.load(config.identity());
    SslContextFactory.Server ssl = new SslContextFactory.Server();
    ssl.setSslContext(tls.server());
    ssl.setIncludeProtocols("TLSv1.3");
    ssl.setWantClientAuth(true);
    ssl.setSessionCachingEnabled(false);
    Javalin javalin = Javalin.create(javalinConfig -> configure(javalinConfig, ssl));
    try {
      javalin.start();
    } catch (RuntimeException e) {
      javalin.stop();
      throw new IOException(
          "api: " + config.listen() + " cannot be bound (expected: a free local address)", e);
    }
    running = Optional.of(javalin);
    return javalin.port();
  }

  private void configure(JavalinConfig javalin, SslContextFactory.Server ssl) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.startupWatcherEnabled = false;
    javalin.http.prefer405over404 = true;
    javalin.http.maxRequestSize = ApiRoutes.MAX_BODY_BYTES;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 4);
    threads.setName("api");
    javalin.jetty.threadPool = threads;
    javalin.jetty.modifyServer(server -> server.setStopTimeout(STOP_MILLIS));
    javalin.jetty.addConnector((server, http) -> connector(server, http, ssl));
    javalin.routes.before("/v1/*", this::admit);
    routes.register(javalin.routes);
  }

  private ServerConnector connector(
      Server server, HttpConfiguration http, SslContextFactory.Server ssl) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    // Clients know us by SPIFFE id, not by host name.
    http.addCustomizer(new SecureRequestCustomizer(false));
    ServerConnector connector =
        new ServerConnector(
            server, new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory(http));
    connector.setHost(config.listen().getHostString());
    connector.setPort(config.listen().getPort());
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.setAcceptQueueSize(BACKLOG);
    return connector;
  }

  private void admit(Context request) {
    if (gate.operator(request).isEmpty()) {
      ApiRoutes.refuse(request, Problem.of(Problem.Kind.CLIENT_CERTIFICATE_REQUIRED));
      request.skipRemainingHandlers();
    }
  }

  @Override
  public synchronized void close() {
    running.ifPresent(Javalin::stop);
    running = Optional.empty();
  }
}
