package io.zenmesh.xds.server;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicLong;

/** The aggregated discovery service, in its delta form only. */
final class AdsService extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {
  private final NodeRegistry registry;
  private final AtomicLong streams = new AtomicLong();

  AdsService(NodeRegistry registry) {
    this.registry = registry;
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    ServerCallStreamObserver<DeltaDiscoveryResponse> out =
        (ServerCallStreamObserver<DeltaDiscoveryResponse>) responses;
    Peer peer = Peer.current();
    String label = Long.toString(streams.incrementAndGet());
    AdsStream stream =
        registry.attach(
            peer.node(), node -> new AdsStream(node, label, peer.until(), out, registry));
    out.setOnCancelHandler(stream::gone);
    out.setOnReadyHandler(stream::ready);
    return stream;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> responses) {
    responses.onError(
        Status.UNIMPLEMENTED
            .withDescription(
                "StreamAggregatedResources: not served (expected: DeltaAggregatedResources)")
            .asRuntimeException());
    return new Ignored();
  }

  /** Takes what still arrives on a call that was refused. */
  private static final class Ignored implements StreamObserver<DiscoveryRequest> {
    @Override
    public void onNext(DiscoveryRequest request) {}

    @Override
    public void onError(Throwable broken) {}

    @Override
    public void onCompleted() {}
  }
}
