package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams, connections and limits, from start to close. */
@Timeout(120)
class XdsServerLifecycleTest extends ServerSteps {
  @Test
  void secondStreamOfANode_bothArePublishedTo_statusShowsTheNewest() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    try (RawNode old = mesh.connect(ENVOY)) {
      old.subscribe(ResourceType.CLUSTER);
      old.nextAcked(ResourceType.CLUSTER);
      assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
      try (RawNode young = mesh.connect(ENVOY)) {
        young.subscribe(ResourceType.CLUSTER);
        DeltaDiscoveryResponse response = young.next(ResourceType.CLUSTER);
        assertThat(status(ENVOY, ResourceType.CLUSTER).state()).isEqualTo(TypeStatus.State.SENT);
        young.ack(response);
        mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "2")));
        old.nextAcked(ResourceType.CLUSTER);
        young.nextAcked(ResourceType.CLUSTER);
        assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
      }
    }
  }

  @Test
  void tooManyStreamsOfANode_theOldestIsEnded() throws Exception {
    mesh.server().publish(ENVOY, NodeSnapshot.empty());
    List<RawNode> nodes = new ArrayList<>();
    try {
      for (int i = 0; i <= XdsServer.MAX_STREAMS_PER_NODE; i++) {
        RawNode node = mesh.connect(ENVOY);
        nodes.add(node);
        node.subscribe(ResourceType.CLUSTER);
        node.nextAcked(ResourceType.CLUSTER);
      }
      Status status = nodes.getFirst().end();
      assertThat(status.getDescription()).isEqualTo("stream: replaced by a newer one");
    } finally {
      nodes.forEach(RawNode::close);
    }
  }

  @Test
  void retiredNode_isDisconnectedAndForgotten() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      envoy.nextAcked(ResourceType.CLUSTER);
      mesh.server().retire(ENVOY);
      assertThat(envoy.end().getDescription()).isEqualTo("node: retired");
      Waits.until("forgotten", () -> mesh.server().status().isEmpty());
    }
    try (RawNode again = mesh.connect(ENVOY)) {
      again.subscribe(ResourceType.CLUSTER);
      again.expectSilence();
    }
  }

  @Test
  void close_endsStreamsAsUnavailable_andFreesThePort() throws Exception {
    mesh.server().publish(ENVOY, NodeSnapshot.empty());
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      envoy.nextAcked(ResourceType.CLUSTER);
      mesh.server().close();
      Status status = envoy.end();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.getDescription()).isEqualTo("server: draining");
    }
    try (ServerSocket free = new ServerSocket()) {
      free.setReuseAddress(true);
      free.bind(new InetSocketAddress("127.0.0.1", mesh.port()));
      assertThat(free.isBound()).isTrue();
    }
  }

  @Test
  void slowReader_isNotSentMoreThanItTakes_andConverges() throws Exception {
    String large = "x".repeat(1_000_000);
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", large)));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      DeltaDiscoveryResponse first = envoy.next(ResourceType.CLUSTER);
      assertThat(first.getSerializedSize()).isGreaterThan(1_000_000);
      for (int i = 0; i < 50; i++) {
        mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", large + i)));
      }
      envoy.expectSilence();
      envoy.ack(first);
      DeltaDiscoveryResponse second = envoy.nextAcked(ResourceType.CLUSTER);
      assertThat(RawNode.names(second))
          .containsEntry("a", resource(ResourceType.CLUSTER, "a", large + 49).version());
      envoy.expectSilence();
      assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
    }
  }

  @Test
  void namesAndVersions_countAgainstOneResponse() {
    String padding = "x".repeat(100);
    List<Resource> resources =
        IntStream.range(0, 60_000)
            .mapToObj(i -> resource(ResourceType.CLUSTER, padding + i, "1"))
            .toList();
    long bodies = resources.stream().mapToLong(r -> r.body().getSerializedSize()).sum();
    assertThat(bodies).isLessThan(XdsServer.MAX_TYPE_BYTES);
    NodeSnapshot tooLarge = NodeSnapshot.of(resources);
    assertThatThrownBy(() -> mesh.server().publish(ENVOY, tooLarge))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("CLUSTER: ")
        .hasMessageEndingWith(" bytes (expected: at most " + XdsServer.MAX_TYPE_BYTES + ")");
  }

  @Test
  void snapshotTooLargeForOneResponse_isRefusedAtPublish() {
    NodeSnapshot tooLarge =
        snapshot(resource(ResourceType.CLUSTER, "a", "x".repeat(XdsServer.MAX_TYPE_BYTES)));
    assertThatThrownBy(() -> mesh.server().publish(ENVOY, tooLarge))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("CLUSTER: ");
  }

  @Test
  void whoeverWaited_mayPublishTheSameNodeAtOnce() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      envoy.nextAcked(ResourceType.CLUSTER);
      assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
      mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "2")));
      envoy.next(ResourceType.CLUSTER);
      CompletableFuture<Void> chained =
          mesh.server()
              .whenAcked(ENVOY, Set.of(ResourceType.LISTENER), PATIENCE)
              .thenAccept(done ->
                  mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "3"))));
      chained.get(30, TimeUnit.SECONDS);
      envoy.expectSilence();
    }
  }

  @Test
  void stateOfTheWorld_isUnimplemented_withText() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", mesh.port()))
            .sslContext(
                MutualTls.load(mesh.identity(ENVOY.spiffePath())).grpcClient(TestMesh.SERVER))
            .build();
    try {
      CompletableFuture<Status> end = new CompletableFuture<>();
      StreamObserver<DiscoveryRequest> requests =
          AggregatedDiscoveryServiceGrpc.newStub(channel)
              .streamAggregatedResources(
                  new StreamObserver<DiscoveryResponse>() {
                    @Override
                    public void onNext(DiscoveryResponse response) {}

                    @Override
                    public void onError(Throwable cause) {
                      end.complete(Status.fromThrowable(cause));
                    }

                    @Override
                    public void onCompleted() {
                      end.complete(Status.OK);
                    }
                  });
      requests.onNext(DiscoveryRequest.getDefaultInstance());
      Status status = end.get(10, TimeUnit.SECONDS);
      assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(status.getDescription())
          .isEqualTo("StreamAggregatedResources: not served (expected: DeltaAggregatedResources)");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void connectionsBeyondTheLimit_areClosed_andComeBackWhenOthersGo() throws Exception {
    try (TestMesh small =
        new TestMesh(directory.resolve("small"), Clock.systemUTC(), Duration.ofSeconds(5), 1)) {
      small.server().publish(ENVOY, NodeSnapshot.empty());
      RawNode first = small.connect(ENVOY);
      first.subscribe(ResourceType.LISTENER);
      first.nextAcked(ResourceType.LISTENER);
      try (RawNode second = small.connect(ENVOY)) {
        second.subscribe(ResourceType.LISTENER);
        assertThat(second.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      }
      first.close();
      awaitServed(small);
    }
  }

  /** The server notices the closed connection in its own time. */
  private static void awaitServed(TestMesh small) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try (RawNode next = small.connect(ENVOY)) {
        next.subscribe(ResourceType.LISTENER);
        next.nextAcked(ResourceType.LISTENER);
        return;
      } catch (AssertionError refused) {
        if (attempt == 5) {
          throw refused;
        }
      }
    }
  }

  @Test
  void close_withoutConnections_freesThePortBeforeItReturns() throws Exception {
    for (int i = 0; i < 20; i++) {
      int port = RestartPort.pick();
      new TestMesh(directory, port).close();
      new TestMesh(directory, port).close();
    }
  }
}
