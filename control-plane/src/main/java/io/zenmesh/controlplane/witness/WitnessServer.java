package io.zenmesh.controlplane.witness;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves {@code POST /add-checkpoint} of a witness, over TLS 1.3 to clients whose certificate
 * chains to the bundle. Without an identity it speaks plain HTTP, and listens on a loopback address
 * only. A body has at most 64 KiB. Thread-safe.
 */
public final class WitnessServer implements AutoCloseable {
  private static final int MAX_THREADS = 16;
  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int IDLE_MILLIS = 10_000;
  private static final int BACKLOG = 64;
  private static final long STOP_MILLIS = 2_000;
  private static final long LEAST_BYTES_PER_SECOND = 256;
  private static final int TOO_LARGE = 413;

  private final InetSocketAddress listen;
  private final Witness witness;
  private final Javalin javalin;

  /**
   * @param listen port 0 takes a free one
   * @param identity empty for plain HTTP
   * @throws IOException when the identity cannot be read
   * @throws IllegalArgumentException for plain HTTP on an address that others can reach
   */
  public WitnessServer(InetSocketAddress listen, Optional<IdentityFiles> identity, Witness witness)
      throws IOException {
    if (identity.isEmpty()
        && (listen.getAddress() == null || !listen.getAddress().isLoopbackAddress())) {
      throw new IllegalArgumentException(
          "witness: " + listen + " without identity (expected: a loopback address)");
    }
    Optional<SSLContext> tls = Optional.empty();
    if (identity.isPresent()) {
      tls = Optional.of(MutualTls.load(identity.get()).server());
    }
    this.listen = listen;
    this.witness = witness;
    Optional<SSLContext> context = tls;
    this.javalin = Javalin.create(config -> configure(config, context));
  }

  /**
   * Binds and serves.
   *
   * @return the bound port
   * @throws IOException when the address cannot be bound
   */
  public int start() throws IOException {
    try {
      javalin.start();
      return javalin.port();
    } catch (RuntimeException e) {
      javalin.stop();
      throw new IOException(
          "witness: " + listen + " cannot be bound (expected: a free local address)", e);
    }
  }

  private void configure(JavalinConfig config, Optional<SSLContext> tls) {
    config.startup.showJavalinBanner = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 4);
    threads.setName("witness");
    config.jetty.threadPool = threads;
    config.jetty.modifyServer(server -> server.setStopTimeout(STOP_MILLIS));
    config.jetty.addConnector((server, http) -> connector(server, http, tls));
    config.routes.post("/add-checkpoint", this::add);
  }

  private void add(Context request) throws IOException {
    byte[] body = request.bodyInputStream().readNBytes(AddCheckpoint.MAX_BYTES + 1);
    Witness.Answer answer =
        body.length > AddCheckpoint.MAX_BYTES
            ? new Witness.Answer(
                TOO_LARGE, "text/plain; charset=utf-8", "body: too large (expected: 64 KiB)\n")
            : witness.add(body);
    request.status(answer.status()).contentType(answer.type()).result(answer.body());
  }

  private ServerConnector connector(
      Server server, HttpConfiguration http, Optional<SSLContext> context) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    http.setMinRequestDataRate(LEAST_BYTES_PER_SECOND);
    ServerConnector connector = new ServerConnector(server, factories(http, context));
    connector.setHost(listen.getHostString());
    connector.setPort(listen.getPort());
    connector.setIdleTimeout(IDLE_MILLIS);
    connector.setAcceptQueueSize(BACKLOG);
    return connector;
  }

  private static ConnectionFactory[] factories(
      HttpConfiguration http, Optional<SSLContext> context) {
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    if (context.isEmpty()) {
      return new ConnectionFactory[] {plain};
    }
    SslContextFactory.Server ssl = new SslContextFactory.Server();
    ssl.setSslContext(context.get());
    ssl.setIncludeProtocols("TLSv1.3");
    ssl.setNeedClientAuth(true);
    ssl.setSessionCachingEnabled(false);
    http.addCustomizer(new SecureRequestCustomizer(false));
    return new ConnectionFactory[] {new SslConnectionFactory(ssl, "http/1.1"), plain};
  }

  @Override
  public void close() {
    javalin.stop();
  }
}
