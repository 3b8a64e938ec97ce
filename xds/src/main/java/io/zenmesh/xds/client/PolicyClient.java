package io.zenmesh.xds.client;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a processor on the policies and keys that the control plane publishes for it.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Talks only to the server whose certificate chains to the bundle and bears exactly the expected
 * SPIFFE id. A response is taken up as a whole or not at all; what was accepted last stays while
 * the control plane is away, for as long as it takes.
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
  private final AcceptedSet accepted;
  private final ScheduledThreadPoolExecutor turns;
  private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
  private Optional<ManagedChannel> channel = Optional.empty();
  private Optional<PolicyStream> current = Optional.empty();
  private volatile boolean connected;
  private volatile boolean synced;
  private volatile boolean closed;

  public PolicyClient(Config config, PolicyListener listener) {
    this(config, new CodecDecoder(), listener);
  }

  PolicyClient(Config config, PolicyDecoder decoder, PolicyListener listener) {
    this.config = config;
    this.accepted = new AcceptedSet(decoder, listener);
    turns =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("xds-policy-client").factory());
    turns.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
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
}
