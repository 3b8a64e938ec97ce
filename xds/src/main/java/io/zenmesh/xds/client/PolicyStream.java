package io.zenmesh.xds.client;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.Optional;

/** One delta ADS stream of the client; gRPC calls it by one thread at a time. */
final class PolicyStream
    implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  private static final List<ResourceType> TYPES = List.of(ResourceType.POLICY, ResourceType.KEYS);
  private static final int INVALID_ARGUMENT = io.grpc.Status.Code.INVALID_ARGUMENT.value();

  /** What happens on a stream, for the client to act on. */
  interface Events {
    /** Offers a response; empty accepts it. */
    Optional<String> offer(PolicyStream stream, ResourceType type, DeltaDiscoveryResponse response);

    /** The transport stands and the stream is open. */
    void opened(PolicyStream stream);

    /** The stream is over. */
    void closed(PolicyStream stream, io.grpc.Status status);
  }

  private final NodeId node;
  private final Events events;
  private Optional<ClientCallStreamObserver<DeltaDiscoveryRequest>> requests = Optional.empty();
  private boolean opened;

  PolicyStream(NodeId node, Events events) {
    this.node = node;
    this.events = events;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
    requests = Optional.of(stream);
    stream.setOnReadyHandler(() -> {
      if (!opened) {
        opened = true;
        events.opened(this);
      }
    });
  }

  /** Asks for everything of both types, saying what is held already. */
  void subscribe(AcceptedSet held) {
    Node self =
        Node.newBuilder()
            .setId(node.name().value())
            .setCluster(node.cluster().value())
            .setUserAgentName("zen-extproc")
            .build();
    for (ResourceType type : TYPES) {
      send(
          DeltaDiscoveryRequest.newBuilder()
              .setNode(self)
              .setTypeUrl(type.url())
              .addResourceNamesSubscribe("*")
              .putAllInitialResourceVersions(held.versions(type))
              .build());
    }
  }

  @Override
  public void onNext(DeltaDiscoveryResponse response) {
    DeltaDiscoveryRequest.Builder answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce());
    Optional<ResourceType> type = ResourceType.ofUrl(response.getTypeUrl()).filter(TYPES::contains);
    Optional<String> refusal =
        type.isEmpty()
            ? Optional.of("type: not asked for (expected: POLICY or KEYS)")
            : events.offer(this, type.get(), response);
    refusal.ifPresent(text ->
        answer.setErrorDetail(Status.newBuilder().setCode(INVALID_ARGUMENT).setMessage(text)));
    send(answer.build());
  }

  private void send(DeltaDiscoveryRequest request) {
    requests.ifPresent(stream -> stream.onNext(request));
  }

  @Override
  public void onError(Throwable cause) {
    events.closed(this, io.grpc.Status.fromThrowable(cause));
  }

  @Override
  public void onCompleted() {
    events.closed(this, io.grpc.Status.UNAVAILABLE.withDescription("stream: ended by the server"));
  }
}
