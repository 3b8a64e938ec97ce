package io.zenmesh.controlplane.api;

import com.github.benmanes.caffeine.cache.Ticker;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.controlplane.tenant.Repeats;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API over HTTPS, TLS 1.3 only: the operations of {@code openapi.yaml}, all of them and
 * no other.
 *
 * <p>Who may do what is written in {@code access.yaml} ({@link AccessTable}). A certificate that is
 * shown must be good on every path. Errors are RFC 9457.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final int MAX_THREADS = 24;

  /** Of one caller; twice what one is measured with. */
  private static final int CALLS_PER_SECOND = 400;

  private static final int CALLS_AT_ONCE = 800;
  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int IDLE_MILLIS = 30_000;
  private static final int BACKLOG = 64;
  private static final long STOP_MILLIS = 2_000;
  private static final int MAX_BODY_BYTES = 10 * 1024 * 1024 + 1;

  /**
   * Where the API listens and who it is.
   *
   * @param listen the address; port 0 takes a free one
   * @param identity read once, at start
   * @param trustDomain the only trust domain whose operators are served
   */
  public record Config(InetSocketAddress listen, IdentityFiles identity, String trustDomain) {}

  /**
   * Which tenants there are, whose credentials, and what was answered under a caller's key.
   *
   * @param mark what a repeated request is recognised by; the caller's to close
   */
  public record Tenancy(
      TenantStore tenants, Credentials credentials, Repeats repeats, MacKey mark) {}

  private final Config config;
  private final RouteTable routes;
  private final RoutePipeline pipeline;
  private Optional<Javalin> running = Optional.empty();

  /**
   * Puts the routes together.
   *
   * @param groups handlers for every operation of the contract
   * @param tenancy who there is
   * @param trail takes each decision before it is answered
   * @throws IllegalStateException when contract, access table and handlers do not agree
   */
  public ApiServer(
      Config config,
      List<RouteGroup> groups,
      Tenancy tenancy,
      AuditTrail trail,
      InstantSource clock) {
    this.config = config;
    ApiContract contract = ApiContract.bundled();
    this.routes = RouteTable.of(contract, groups);
    this.pipeline =
        new RoutePipeline(
            new Authenticator(
                new ClientCertificate(config.trustDomain(), clock), tenancy.credentials()),
            new Admission(AccessTable.bundled(contract), trail),
            tenancy.tenants(),
            new CallerLimits(CALLS_PER_SECOND, CALLS_AT_ONCE, Ticker.systemTicker()),
            new RepeatGuard(tenancy.repeats(), tenancy.mark(), clock));
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
    javalin.http.maxRequestSize = MAX_BODY_BYTES;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 4);
    threads.setName("api");
    javalin.jetty.threadPool = threads;
    javalin.jetty.modifyServer(server -> {
      server.setStopTimeout(STOP_MILLIS);
      server.setErrorHandler(new ServerProblems());
    });
    javalin.jetty.addConnector((server, http) -> connector(server, http, ssl));
    register(javalin.routes);
  }

  private void register(RoutesConfig javalin) {
    javalin.before(RoutePipeline::identify);
    // Javalin answers HEAD where there is GET; the contract does not.
    javalin.before(request -> {
      if (request.method() == HandlerType.HEAD) {
        throw new MethodNotAllowedResponse();
      }
    });
    for (RouteTable.Route route : routes.routes()) {
      javalin.addHttpHandler(
          HandlerType.findOrCreate(route.operation().method()),
          route.operation().path(),
          request -> pipeline.serve(request, route));
    }
    javalin.exception(
        HttpResponseException.class,
        (failure, request) ->
            RoutePipeline.send(
                request,
                Answer.problem(
                    kindOf(failure.getStatus()), List.of(), RoutePipeline.correlation(request))));
    javalin.exception(
        Exception.class,
        (failure, request) -> {
          LOG.error("request failed ({})", RoutePipeline.correlation(request), failure);
          RoutePipeline.send(
              request,
              Answer.problem(Problem.Kind.INTERNAL, List.of(), RoutePipeline.correlation(request)));
        });
  }

  private static Problem.Kind kindOf(int status) {
    return switch (status) {
      case 400 -> Problem.Kind.REQUEST_MALFORMED;
      case 404 -> Problem.Kind.NOT_FOUND;
      case 405 -> Problem.Kind.METHOD_NOT_ALLOWED;
      case 413 -> Problem.Kind.BODY_TOO_LARGE;
      default -> Problem.Kind.INTERNAL;
    };
  }

  private ServerConnector connector(
      Server server, HttpConfiguration http, SslContextFactory.Server ssl) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    // Clients know us by SPIFFE id, not by host name.
    http.addCustomizer(new SecureRequestCustomizer(false));
    SslConnectionFactory tls = new SslConnectionFactory(ssl, "http/1.1");
    // Buffers are pooled and not cleared: those that hold secrets lie off the heap.
    tls.setDirectBuffersForDecryption(true);
    tls.setDirectBuffersForEncryption(true);
    ServerConnector connector = new ServerConnector(server, tls, new HttpConnectionFactory(http));
    connector.setHost(config.listen().getHostString());
    connector.setPort(config.listen().getPort());
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.setAcceptQueueSize(BACKLOG);
    return connector;
  }

  @Override
  public synchronized void close() {
    running.ifPresent(Javalin::stop);
    running = Optional.empty();
  }
}
