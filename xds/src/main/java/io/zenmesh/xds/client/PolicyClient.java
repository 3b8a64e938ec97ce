package io.zenmesh.xds.client;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.ChannelOption;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.EncodedReceipts;
import io.zenmesh.xds.wire.ReceiptCodec;
import io.zenmesh.xds.wire.SecretBuffers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a processor on the policies and keys that the control plane publishes for it.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Talks only to the server whose certificate chains to the bundle and bears exactly the expected
 * SPIFFE id, and only until that certificate ends: then it connects anew. A response is taken up as
 * a whole or not at all; what was accepted last stays while the control plane is away, for as long
 * as it takes.
 *
 * <p>The identity files are read at every connection attempt. Thread-safe.
 */
public final class PolicyClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyClient.class);

  private static final int MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
  private static final int MAX_METADATA_BYTES = 8 * 1024;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(10);
  private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration DELIVERY = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(2);

  /**
   * Whom to ask, and as whom.
   *
   * @param server the control plane's xDS address
   * @param serverSpiffeId its one accepted SPIFFE id
   * @param identity the processor's own files
   * @param node the processor
   */
  public record Config(
      HostPort server, String serverSpiffeId, IdentityFiles identity, NodeId node) {
    /**
     * @throws IllegalArgumentException when the SPIFFE id is malformed
     */
    public Config {
      if (SpiffeId.parse(serverSpiffeId).isEmpty()) {
        throw new IllegalArgumentException(
            "serverSpiffeId: malformed (expected: spiffe://domain/path)");
      }
    }
  }

  private final Config config;
  private final Clock clock;
  private final AcceptedSet accepted;
  // Everything below that is not volatile belongs to this executor's one thread, on which gRPC
  // calls back too.
  private final ScheduledThreadPoolExecutor turns;
  private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
  private Optional<ManagedChannel> channel = Optional.empty();
  private Optional<PolicyStream> current = Optional.empty();
  private Optional<ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse>> call =
      Optional.empty();
  private Optional<Future<?>> expiry = Optional.empty();
  private volatile boolean connected;
  private volatile Optional<Channel> standing = Optional.empty();
  private volatile boolean synced;
  private final AtomicBoolean closing = new AtomicBoolean();

  public PolicyClient(Config config, PolicyListener listener) {
    this(config, listener, Clock.systemUTC());
  }

  /**
   * @param clock by which the server's certificate ends
   */
  public PolicyClient(Config config, PolicyListener listener, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.accepted = new AcceptedSet(listener);
    turns =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("xds-policy-client").factory());
    turns.setRemoveOnCancelPolicy(true);
  }

  /** Begins to connect, and keeps trying until closed. */
  public void start() {
    turns.execute(this::connect);
  }

  /** Whether a stream to the control plane stands now. */
  public boolean connected() {
    return connected;
  }

  /** Whether a first complete answer, of policies and of keys, has been accepted. */
  public boolean synced() {
    return synced;
  }

  /**
   * Delivers receipts to the server of the stream that stands now. Blocks, at most ten seconds.
   *
   * @return the number up to which everything is on record
   * @throws IOException when they are not known to be on record; the text is one line
   */
  public long deliver(EncodedReceipts receipts) throws IOException {
    Optional<Channel> to = standing;
    if (to.isEmpty()) {
      throw new IOException("not connected");
    }
    try {
      return ClientCalls.blockingUnaryCall(
          to.get(),
          ReceiptCodec.RECORD,
          CallOptions.DEFAULT.withDeadlineAfter(DELIVERY.toMillis(), TimeUnit.MILLISECONDS),
          receipts);
    } catch (StatusRuntimeException e) {
      throw new IOException(reason(e.getStatus()), e);
    }
  }

  private void connect() {
    if (closing.get()) {
      return;
    }
    try {
      SpiffeId server = SpiffeId.parse(config.serverSpiffeId()).orElseThrow();
      ManagedChannel opening =
          NettyChannelBuilder.forAddress(
                  new InetSocketAddress(config.server().host(), config.server().port()))
              .sslContext(MutualTls.load(config.identity()).grpcClient(server))
              .withOption(ChannelOption.ALLOCATOR, SecretBuffers.allocator())
              .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
              .keepAliveTime(KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .maxInboundMessageSize(MAX_RESPONSE_BYTES)
              .maxInboundMetadataSize(MAX_METADATA_BYTES)
              .disableRetry()
              .executor(turns)
              .build();
      channel = Optional.of(opening);
      PolicyStream stream = new PolicyStream(config.node(), new Turn());
      current = Optional.of(stream);
      ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> started =
          opening.newCall(
              AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
              CallOptions.DEFAULT);
      call = Optional.of(started);
      var unused = ClientCalls.asyncBidiStreamingCall(started, stream);
      stream.subscribe(accepted);
    } catch (IOException | RuntimeException e) {
      lost("cannot connect: " + e.getMessage());
    }
  }

  private void lost(String why) {
    connected = false;
    standing = Optional.empty();
    current = Optional.empty();
    call = Optional.empty();
    expiry.ifPresent(timer -> timer.cancel(false));
    expiry = Optional.empty();
    channel.ifPresent(ManagedChannel::shutdownNow);
    channel = Optional.empty();
    if (closing.get()) {
      return;
    }
    Duration wait = backoff.next();
    LOG.warn("xds server {}: {}; next attempt in {} ms", config.server(), why, wait.toMillis());
    var unused = turns.schedule(this::connect, wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The stream is the server's for as long as its certificate, which a handshake has proved. */
  private void established() {
    if (connected) {
      return;
    }
    Optional<Instant> until =
        call.flatMap(open ->
                Optional.ofNullable(open.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)))
            .flatMap(MutualTls::peerEnd);
    Duration left = until.map(end -> Duration.between(clock.instant(), end)).orElse(Duration.ZERO);
    if (!left.isPositive()) {
      lost("certificate has ended (expected: a current X.509-SVID)");
      return;
    }
    connected = true;
    standing = Optional.of(channel.orElseThrow());
    expiry =
        Optional.of(
            turns.schedule(
                () -> lost("certificate has ended"), left.toMillis(), TimeUnit.MILLISECONDS));
    LOG.info("xds server {}: connected", config.server());
  }

  /** What the stream reports; reports of a stream that was given up are ignored. */
  private final class Turn implements PolicyStream.Events {
    @Override
    public Optional<String> offer(
        PolicyStream stream, ResourceType type, DeltaDiscoveryResponse response) {
      if (current.equals(Optional.of(stream))) {
        // A long first request is answered before the stream reports that it is ready.
        established();
      }
      if (!current.equals(Optional.of(stream))) {
        return Optional.of("stream: given up");
      }
      Optional<String> refusal = accepted.offer(type, response);
      backoff.reset();
      synced |= accepted.complete();
      refusal.ifPresentOrElse(
          text -> LOG.warn("xds {} refused: {}", type, text),
          () ->
              LOG.info(
                  "xds {} accepted: {} changed, {} removed",
                  type,
                  response.getResourcesCount(),
                  response.getRemovedResourcesCount()));
      return refusal;
    }

    @Override
    public void opened(PolicyStream stream) {
      if (current.equals(Optional.of(stream))) {
        established();
      }
    }

    @Override
    public void closed(PolicyStream stream, Status status) {
      if (current.equals(Optional.of(stream))) {
        lost(reason(status));
      }
    }
  }

  /** One line. A transport's failure says why only in its innermost cause. */
  private static String reason(Status status) {
    Optional<Throwable> cause = Optional.ofNullable(status.getCause());
    while (cause.map(Throwable::getCause).isPresent()) {
      cause = cause.map(Throwable::getCause);
    }
    String text = cause.map(Throwable::getMessage).orElse(String.valueOf(status.getDescription()));
    return status.getCode() + " " + text.replaceAll("[\\p{Cntrl}]+", " ");
  }

  /** Stops; what was accepted stays with the listener. Idempotent; not to be called by it. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      Optional<ManagedChannel> last =
          turns
              .submit(() -> {
                Optional<ManagedChannel> open = channel;
                lost("closed");
                return open;
              })
              .get(STOP.toMillis(), TimeUnit.MILLISECONDS);
      // gRPC calls back on our thread until the channel has ended.
      if (last.isPresent()) {
        last.get().awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("xds client: not ended within {}", STOP, e);
    } finally {
      turns.shutdownNow();
    }
  }
}
