package io.zenmesh.xds.server;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC side of one delta stream. Every step runs under its node's lock, so that the observer is
 * called by one thread at a time.
 */
final class AdsStream implements StreamObserver<DeltaDiscoveryRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AdsStream.class);

  private final MeshNode node;
  private final String label;
  private final ServerCallStreamObserver<DeltaDiscoveryResponse> out;
  private final NodeRegistry registry;
  private final Instant since;
  private final Future<?> expiry;
  private Optional<NodeSession> session = Optional.empty();
  private boolean over;

  /**
   * @param label unique among the streams of the server
   * @param until when the peer's certificate ends, and the stream with it
   */
  AdsStream(
      MeshNode node,
      String label,
      Instant until,
      ServerCallStreamObserver<DeltaDiscoveryResponse> out,
      NodeRegistry registry) {
    this.node = node;
    this.label = label;
    this.out = out;
    this.registry = registry;
    this.since = node.clock().instant();
    this.expiry =
        registry.at(
            until,
            () -> end(Status.UNAUTHENTICATED.withDescription("peer: certificate has ended")));
  }

  Instant since() {
    return since;
  }

  /** Whether the node has said who it is. Under the node's lock. */
  boolean introduced() {
    return session.isPresent();
  }

  /** How far the node has come; empty when it did not ask for the type. Under the node's lock. */
  Optional<TypeStatus.State> state(ResourceType type) {
    return session.flatMap(s -> s.state(type));
  }

  @Override
  public void onNext(DeltaDiscoveryRequest request) {
    node.locked(() -> take(request)).ifPresent(this::end);
  }

  private Optional<Status> take(DeltaDiscoveryRequest request) {
    if (over) {
      return Optional.empty();
    }
    Optional<String> disagreement = disagreement(request);
    if (disagreement.isPresent()) {
      return disagreement.map(Status.PERMISSION_DENIED::withDescription);
    }
    if (session.isEmpty()) {
      session = Optional.of(node.newSession(label));
      LOG.info("xds stream {} of node {} opened", label, node.id());
      registry.events().connected(node.id());
    }
    return switch (session.get().request(request, node.clock().instant())) {
      case NodeSession.Reaction.Refused refused -> Optional.of(refused.status());
      case NodeSession.Reaction.Heard heard -> {
        note(heard, request);
        drain();
        yield Optional.empty();
      }
    };
  }

  /** The certificate says who the node is; what it says of itself must not differ. */
  private Optional<String> disagreement(DeltaDiscoveryRequest request) {
    if (session.isPresent() && !request.hasNode()) {
      return Optional.empty();
    }
    String name = node.id().name().value();
    String cluster = node.id().cluster().value();
    if (!request.getNode().getId().equals(name)) {
      return Optional.of("node.id: not the certificate's (expected: " + name + ")");
    }
    if (!request.getNode().getCluster().equals(cluster)) {
      return Optional.of("node.cluster: not the certificate's (expected: " + cluster + ")");
    }
    return Optional.empty();
  }

  private void note(NodeSession.Reaction.Heard heard, DeltaDiscoveryRequest request) {
    String type = heard.type().map(ResourceType::toString).orElse("an unknown type");
    switch (heard.answer()) {
      case NACK -> {
        String detail = NodeLedger.printable(request.getErrorDetail().getMessage());
        LOG.warn("node {} refused {}: {}", node.id(), type, detail);
        heard.type().ifPresent(it -> registry.events().rejected(node.id(), it, detail));
      }
      case STALE -> LOG.info("node {} answered an older response of {}", node.id(), type);
      case ACK -> LOG.debug("node {} accepted {}", node.id(), type);
      case NONE -> LOG.debug("node {} asked for {}", node.id(), type);
    }
  }

  /** Sends what there is to send while the transport takes it. Under the node's lock. */
  void drain() {
    if (over || session.isEmpty()) {
      return;
    }
    while (out.isReady()) {
      Optional<NodeSession.Outgoing> next = session.get().next(node.clock().instant());
      if (next.isEmpty()) {
        return;
      }
      out.onNext(next.get().response());
      String nonce = next.get().response().getNonce();
      var unused = registry.afterOrderWait(() -> waitedEnough(nonce));
    }
  }

  private void waitedEnough(String nonce) {
    Optional<ResourceType> late =
        node.locked(() -> {
          Optional<ResourceType> type =
              over ? Optional.empty() : session.flatMap(s -> s.waitedEnough(nonce));
          drain();
          return type;
        });
    late.ifPresent(type -> LOG.warn("node {} has not answered {}: others go on", node.id(), type));
  }

  /** The transport takes messages again. */
  void ready() {
    node.wake();
  }

  /** Ends the stream from our side. Any thread, not under a node's lock; the first end counts. */
  void end(Status status) {
    boolean first =
        node.locked(() -> {
          boolean open = !over;
          over = true;
          if (open) {
            out.onError(status.asRuntimeException());
          }
          return open;
        });
    leave();
    if (first) {
      tellEnd(status);
      LOG.info(
          "xds stream {} of node {} ended: {} {}",
          label,
          node.id(),
          status.getCode(),
          status.getDescription());
    }
  }

  @Override
  public void onError(Throwable broken) {
    gone();
  }

  @Override
  public void onCompleted() {
    end(Status.UNAVAILABLE.withDescription("stream: ended by the node"));
  }

  /** The transport is gone. */
  void gone() {
    boolean first =
        node.locked(() -> {
          boolean open = !over;
          over = true;
          return open;
        });
    leave();
    if (first) {
      tellEnd(Status.UNAVAILABLE);
      LOG.info("xds stream {} of node {} closed", label, node.id());
    }
  }

  /** A stream that was never served was refused, if it did not go by itself. */
  private void tellEnd(Status status) {
    String reason = String.valueOf(status.getDescription());
    switch (status.getCode()) {
      case PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED ->
          registry.events().refused(node.id().spiffePath(), reason);
      default -> {
        // gone, drained or replaced: no decision about the node
      }
    }
    if (node.locked(this::introduced)) {
      registry.events().disconnected(node.id());
    }
  }

  private void leave() {
    expiry.cancel(false);
    registry.detach(node.id(), this);
  }
}
