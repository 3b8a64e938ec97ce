package io.zenmesh.xds.server;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.zenmesh.xds.snapshot.ResourceType;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A delta ADS client that does exactly what a test tells it, and nothing of its own. */
final class RawNode implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;
  private static final long SILENCE_MILLIS = 400;

  private final ManagedChannel channel;
  private final StreamObserver<DeltaDiscoveryRequest> requests;
  private final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final Node self;
  private boolean introduced;

  RawNode(int port, SslContext tls, String id, String cluster) {
    self = Node.newBuilder().setId(id).setCluster(cluster).build();
    channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .sslContext(tls)
            .maxInboundMessageSize(32 * 1024 * 1024)
            .disableRetry()
            .build();
    requests =
        AggregatedDiscoveryServiceGrpc.newStub(channel)
            .deltaAggregatedResources(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DeltaDiscoveryResponse response) {
                    responses.add(response);
                  }

                  @Override
                  public void onError(Throwable cause) {
                    end.complete(Status.fromThrowable(cause));
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(Status.OK);
                  }
                });
  }

  void send(DeltaDiscoveryRequest.Builder request) {
    if (!introduced) {
      request.setNode(self);
      introduced = true;
    }
    requests.onNext(request.build());
  }

  /** Asks for names of a type; for none: the wildcard of old. */
  void subscribe(ResourceType type, String... names) {
    subscribe(type, Map.of(), names);
  }

  void subscribe(ResourceType type, Map<String, String> initial, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type.url())
            .addAllResourceNamesSubscribe(List.of(names))
            .putAllInitialResourceVersions(initial));
  }

  void unsubscribe(ResourceType type, String... names) {
    send(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type.url())
            .addAllResourceNamesUnsubscribe(List.of(names)));
  }

  void ack(DeltaDiscoveryResponse response) {
    send(answer(response));
  }

  void nack(DeltaDiscoveryResponse response, String text) {
    send(answer(response).setErrorDetail(com.google.rpc.Status.newBuilder().setMessage(text)));
  }

  private static DeltaDiscoveryRequest.Builder answer(DeltaDiscoveryResponse response) {
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(response.getTypeUrl())
        .setResponseNonce(response.getNonce());
  }

  /** The next response, which must be of this type. */
  DeltaDiscoveryResponse next(ResourceType type) throws InterruptedException {
    DeltaDiscoveryResponse response = poll(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    if (!response.getTypeUrl().equals(type.url())) {
      throw new AssertionError("response: " + response.getTypeUrl() + " (expected: " + type + ")");
    }
    return response;
  }

  private DeltaDiscoveryResponse poll(long millis) throws InterruptedException {
    DeltaDiscoveryResponse response = responses.poll(millis, TimeUnit.MILLISECONDS);
    if (response == null) {
      throw new AssertionError("response: none in " + millis + " ms, stream " + end);
    }
    return response;
  }

  DeltaDiscoveryResponse nextAcked(ResourceType type) throws InterruptedException {
    DeltaDiscoveryResponse response = next(type);
    ack(response);
    return response;
  }

  void expectSilence() throws InterruptedException {
    DeltaDiscoveryResponse response = responses.poll(SILENCE_MILLIS, TimeUnit.MILLISECONDS);
    if (response != null) {
      throw new AssertionError("response: " + names(response) + " (expected: none)");
    }
  }

  /** How the server ended the stream. */
  Status end() throws Exception {
    return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Name to version of what a response brings. */
  static Map<String, String> names(DeltaDiscoveryResponse response) {
    Map<String, String> names = new TreeMap<>();
    response.getResourcesList().forEach(r -> names.put(r.getName(), r.getVersion()));
    return names;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
