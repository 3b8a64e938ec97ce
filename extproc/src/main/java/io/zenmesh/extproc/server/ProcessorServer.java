package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.EventLoopGroup;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.replay.ReplayGuard;
import io.zenmesh.xds.resource.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Serves Envoy on the event loops themselves: nothing called from here may block.
 *
 * <p>Offers ext_proc, ext_authz and gRPC health. The {@link Door} lets Envoy in and others not.
 */
public final class ProcessorServer implements AutoCloseable {
  /** Around the body: the message's other fields and their lengths. */
  private static final int FRAMING_BYTES = 64 * 1024;

  private static final int MAX_METADATA_BYTES = 16 * 1024;
  private static final int STREAMS_PER_CONNECTION = 4_096;
  // Envoy ends each request with a reset: this bounds a broken peer, not traffic.
  private static final int RESETS_PER_SECOND = 200_000;
  private static final int FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;
  private static final Duration KEEPALIVE_FLOOR = Duration.ofSeconds(10);

  private final Door door;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ProcessorService service;
  private final EventLoopGroup loops;
  private Optional<Server> server = Optional.empty();

  /**
   * Prepares a server; {@link #start} binds it.
   *
   * @param loops where everything runs; stays the caller's
   * @param receipts where the receipts of verdicts go
   * @param clock tells the time of verdicts
   */
  public ProcessorServer(
      Door door,
      EventLoopGroup loops,
      Pipeline pipeline,
      ReplayGuard guard,
      TrafficObserver observer,
      ChallengePorts challenges,
      ReceiptBook receipts,
      InstantSource clock,
      LongSupplier nanoTime) {
    this(
        door,
        loops,
        new ProcessorService(
            pipeline,
            guard,
            observer,
            new BodyBudget(BodyBudget.DEFAULT_BYTES),
            challenges,
            loops,
            new Receipts(receipts, clock),
            nanoTime));
  }

  ProcessorServer(Door door, EventLoopGroup loops, ProcessorService service) {
    this.door = door;
    this.loops = loops;
    this.service = service;
    serving(false);
  }

  /**
   * Binds the socket and begins to answer.
   *
   * @throws IOException when the socket cannot be bound
   */
  public void start() throws IOException {
    Server started =
        door.builder()
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .maxInboundMessageSize(Limits.INGRESS_BUFFER_BYTES + FRAMING_BYTES)
            .maxInboundMetadataSize(MAX_METADATA_BYTES)
            .maxConcurrentCallsPerConnection(STREAMS_PER_CONNECTION)
            .maxRstFramesPerWindow(RESETS_PER_SECOND, 1)
            .flowControlWindow(FLOW_CONTROL_WINDOW)
            .permitKeepAliveTime(KEEPALIVE_FLOOR.toSeconds(), TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(service)
            .addService(new AuthorizationService(service))
            .addService(health.getHealthService())
            .build()
            .start();
    server = Optional.of(started);
    door.opened();
  }

  /** Why Envoy cannot come in although this server accepts; empty when it can. */
  public Optional<String> doorProblem() {
    return door.problem();
  }

  /** What gRPC health says from now on. */
  public void serving(boolean ready) {
    ServingStatus status = ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(ExternalProcessorGrpc.SERVICE_NAME, status);
    health.setStatus(AuthorizationGrpc.SERVICE_NAME, status);
  }

  /**
   * Takes no new connection, lets the streams under way end, and removes the socket's file.
   *
   * @param limit after which the streams are cut: Envoy then refuses their requests
   */
  public void drain(Duration limit) throws IOException, InterruptedException {
    health.enterTerminalState();
    door.close();
    if (server.isEmpty()) {
      return;
    }
    Server draining = server.get().shutdown();
    if (!draining.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      draining.shutdownNow();
      draining.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    server.ifPresent(Server::shutdownNow);
  }
}
