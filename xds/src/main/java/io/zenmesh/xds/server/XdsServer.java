package io.zenmesh.xds.server;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.SecretBuffers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delta ADS server of the control plane: holds one snapshot per node and keeps every connected
 * node on it, as far as the node accepts it.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A stream belongs to the node that the SPIFFE id of its client certificate names, and ends with
 * that certificate; {@code node.id} and {@code node.cluster} must agree. A node reads its own
 * snapshot only, and of it only the types its role is entitled to. Whoever is not a node of the
 * trust domain is refused.
 *
 * <p>Beside it, on the same port and by the same identities, it takes receipts from processors.
 *
 * <p>A version that a node refused is not sent to it again; other resources go on. Until something
 * is published for a node, or for all others, it gets no answer, so that a restarted control plane
 * takes nothing away.
 *
 * <p>Thread-safe. See the xDS protocol, "Aggregated Discovery Service", "Incremental xDS".
 */
public final class XdsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(XdsServer.class);

  /** The most streams one node may have open; the oldest is ended first. */
  static final int MAX_STREAMS_PER_NODE = 4;

  /** The most bytes of one type in a snapshot: they must fit into one response. */
  static final int MAX_TYPE_BYTES = 15 * 1024 * 1024;

  /** The most that tags and lengths of one resource take in a response. */
  private static final int FRAMING_BYTES = 32;

  private static final int MAX_CONNECTIONS = 4096;
  private static final int MAX_CALLS_PER_CONNECTION = 16;
  private static final int MAX_REQUEST_BYTES = 16 * 1024 * 1024;
  private static final int MAX_METADATA_BYTES = 8 * 1024;
  private static final int MAX_RESETS = 100;
  private static final int RESET_WINDOW_SECONDS = 30;
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PERMITTED_KEEPALIVE = Duration.ofSeconds(5);
  private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(30);
  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration IDLE_CONNECTION = Duration.ofMinutes(5);
  private static final Duration ORDER_WAIT = Duration.ofSeconds(5);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final Duration QUIET = Duration.ofMillis(200);
  private static final int IO_THREADS = 2;

  /**
   * Where the server listens and who it is.
   *
   * @param listen the address; port 0 takes a free one
   * @param identity read once, at start
   * @param trustDomain the only trust domain whose nodes are served
   */
  public record Config(InetSocketAddress listen, IdentityFiles identity, String trustDomain) {}

  private final Config config;
  private final Clock clock;
  private final int maxConnections;
  private final XdsEvents events;
  private final NodeRegistry registry;
  private final ReceiptIntake intake;
  private Optional<Running> running = Optional.empty();

  public XdsServer(Config config, Clock clock) {
    this(config, clock, XdsEvents.NONE);
  }

  /**
   * @param events hears whom the server lets in and turns away
   */
  public XdsServer(Config config, Clock clock, XdsEvents events) {
    this(config, clock, events, XdsServer::noIntake);
  }

  /**
   * @param events hears whom the server lets in and turns away
   * @param intake where the receipts of processors go
   */
  public XdsServer(Config config, Clock clock, XdsEvents events, ReceiptIntake intake) {
    this(config, clock, ORDER_WAIT, MAX_CONNECTIONS, events, intake);
  }

  XdsServer(Config config, Clock clock, Duration orderWait, int maxConnections) {
    this(config, clock, orderWait, maxConnections, XdsEvents.NONE);
  }

  XdsServer(Config config, Clock clock, Duration orderWait, int maxConnections, XdsEvents events) {
    this(config, clock, orderWait, maxConnections, events, XdsServer::noIntake);
  }

  private XdsServer(
      Config config,
      Clock clock,
      Duration orderWait,
      int maxConnections,
      XdsEvents events,
      ReceiptIntake intake) {
    this.intake = intake;
    this.config = config;
    this.events = events;
    this.clock = clock;
    this.maxConnections = maxConnections;
    this.registry = new NodeRegistry(clock, orderWait, events);
  }

  private static void noIntake(NodeId node, ReceiptBatch batch) {
    throw new ReceiptsUnavailableException("receipts: not taken here", new IllegalStateException());
  }

  /**
   * Binds and serves.
   *
   * @return the bound port
   * @throws IOException when the identity cannot be read or the address not be bound
   */
  public synchronized int start() throws IOException {
    if (running.isPresent()) {
      throw new IllegalStateException("xds server: started before (expected: once)");
    }
    SslContext tls = MutualTls.load(config.identity()).grpcServer();
    EventLoopGroup acceptor = group("xds-accept", 1);
    EventLoopGroup io = group("xds-io", IO_THREADS);
    ThreadFactory calls = Thread.ofVirtual().name("xds-call-", 0).factory();
    Server server =
        limited(NettyServerBuilder.forAddress(config.listen()).sslContext(tls))
            .channelFactory(() -> new BoundedServerChannel(maxConnections))
            .bossEventLoopGroup(acceptor)
            .workerEventLoopGroup(io)
            .executor(call -> calls.newThread(call).start())
            .intercept(new Peer.Authenticator(config.trustDomain(), clock, events))
            .addService(new AdsService(registry))
            .addService(new ReceiptService(registry, intake))
            .build();
    Running starting = new Running(server, acceptor, io);
    try {
      server.start();
    } catch (IOException e) {
      starting.stopThreads();
      throw e;
    }
    running = Optional.of(starting);
    return server.getPort();
  }

  private static NettyServerBuilder limited(NettyServerBuilder builder) {
    return builder
        .withChildOption(ChannelOption.ALLOCATOR, SecretBuffers.allocator())
        .handshakeTimeout(HANDSHAKE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
        .maxInboundMessageSize(MAX_REQUEST_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .permitKeepAliveTime(PERMITTED_KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .keepAliveTime(KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(IDLE_CONNECTION.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static EventLoopGroup group(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  /**
   * Sets what the node is to hold from now on. Returns at once; the latest snapshot wins.
   *
   * @throws IllegalArgumentException when a type has too many resources, or too many bytes for one
   *     response
   */
  public void publish(NodeId node, NodeSnapshot snapshot) {
    List<String> over = overLimits(snapshot);
    if (!over.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", over));
    }
    registry.publish(node, snapshot);
  }

  /**
   * Sets what nodes hold that nothing was published for, those that are connected and those that
   * come: nodes taken out of the mesh while they were away. Until it is called they get no answer.
   */
  public void publishDefault(NodeSnapshot snapshot) {
    registry.publishDefault(snapshot);
  }

  /** Why {@link #publish} would not take the snapshot, one line each; empty when it would. */
  public static List<String> overLimits(NodeSnapshot snapshot) {
    List<String> over = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      int count = snapshot.resources(type).size();
      if (count > NodeSession.MAX_NAMES_PER_TYPE) {
        over.add(
            type + ": " + count + " (expected: at most " + NodeSession.MAX_NAMES_PER_TYPE + ")");
      }
      long bytes = snapshot.resources(type).values().stream().mapToLong(XdsServer::wireBytes).sum();
      if (bytes > MAX_TYPE_BYTES) {
        over.add(type + ": " + bytes + " bytes (expected: at most " + MAX_TYPE_BYTES + ")");
      }
    }
    return List.copyOf(over);
  }

  /** No less than the resource takes in a response: its name and version go beside the body. */
  private static long wireBytes(Resource resource) {
    return (long) resource.body().getSerializedSize()
        + resource.name().getBytes(StandardCharsets.UTF_8).length
        + resource.version().length()
        + FRAMING_BYTES;
  }

  /** Forgets the node and what it refused; ends its streams. What it holds stays with it. */
  public void retire(NodeId node) {
    registry.retire(node);
  }

  /** Every node that is published to or connected, by id; of several streams the newest counts. */
  public List<NodeStatus> status() {
    return registry.status();
  }

  /**
   * What a node accepted last of each resource that is published to it, by resource name; survives
   * its streams.
   */
  public Map<String, AcceptedResource> accepted(NodeId node, ResourceType type) {
    return registry.accepted(node, type);
  }

  /**
   * Waits until the node follows.
   *
   * @return true when everything the connected node asked for of these types is accepted at the
   *     published version, or when the node is not connected; false when it refused something of
   *     them, or after {@code timeout}
   */
  public CompletableFuture<Boolean> whenAcked(
      NodeId node, Set<ResourceType> types, Duration timeout) {
    return registry.whenAcked(node, types, timeout);
  }

  /** Ends every stream, lets what was written go out, and frees the port. Idempotent. */
  @Override
  public synchronized void close() {
    running.ifPresent(was -> {
      was.server().shutdown();
      registry.endAll(Status.UNAVAILABLE.withDescription("server: draining"));
      was.awaitEnd();
      was.stopThreads();
    });
    running = Optional.empty();
    registry.close();
  }

  private record Running(Server server, EventLoopGroup acceptor, EventLoopGroup io) {
    void awaitEnd() {
      try {
        if (!server.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
          server.shutdownNow();
          server.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
      } catch (InterruptedException e) {
        server.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }

    void stopThreads() {
      // With a quiet time: what late calls still hand to these threads must run.
      var unused = io.shutdownGracefully(QUIET.toMillis(), DRAIN.toMillis(), TimeUnit.MILLISECONDS);
      // The port is free only when the acceptor's selector has let go of the closed socket.
      boolean free =
          acceptor
              .shutdownGracefully(0, DRAIN.toMillis(), TimeUnit.MILLISECONDS)
              .awaitUninterruptibly(DRAIN.toMillis());
      if (!free) {
        LOG.warn("xds server: port not freed within {}", DRAIN);
      }
    }
  }
}
