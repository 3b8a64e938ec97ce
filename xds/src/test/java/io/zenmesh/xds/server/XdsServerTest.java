package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node is sent and what its status says. */
@Timeout(120)
class XdsServerTest extends ServerSteps {
  @Test
  void envoy_acceptsAll_statusShowsAcked() throws Exception {
    mesh.server()
        .publish(
            ENVOY,
            snapshot(
                resource(ResourceType.CLUSTER, "a", "1"),
                resource(ResourceType.LISTENER, "ingress", "1")));
    assertThat(status(ENVOY, ResourceType.CLUSTER).state()).isEqualTo(TypeStatus.State.PENDING);
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      DeltaDiscoveryResponse clusters = envoy.next(ResourceType.CLUSTER);
      assertThat(RawNode.names(clusters)).containsOnlyKeys("a");
      assertThat(status(ENVOY, ResourceType.CLUSTER).state()).isEqualTo(TypeStatus.State.SENT);
      envoy.ack(clusters);
      envoy.subscribe(ResourceType.LISTENER, "*");
      assertThat(RawNode.names(envoy.nextAcked(ResourceType.LISTENER))).containsOnlyKeys("ingress");
      assertThat(acked(ENVOY, ResourceType.CLUSTER, ResourceType.LISTENER)).isTrue();
      TypeStatus status = status(ENVOY, ResourceType.LISTENER);
      assertThat(status.state()).isEqualTo(TypeStatus.State.ACKED);
      assertThat(status.resources()).isEqualTo(1);
      assertThat(status.at()).isPresent();
      assertThat(mesh.server().status().getFirst().connected()).isTrue();
    }
  }

  @Test
  void processor_receivesPoliciesAndKeys() throws Exception {
    mesh.server()
        .publish(
            EXTPROC,
            snapshot(
                resource(ResourceType.POLICY, "acme/zen", "zen"),
                resource(ResourceType.KEYS, "acme/zen", "k")));
    try (RawNode processor = mesh.connect(EXTPROC)) {
      processor.subscribe(ResourceType.POLICY);
      processor.subscribe(ResourceType.KEYS);
      assertThat(RawNode.names(processor.nextAcked(ResourceType.POLICY)))
          .containsOnlyKeys("acme/zen");
      assertThat(RawNode.names(processor.nextAcked(ResourceType.KEYS)))
          .containsOnlyKeys("acme/zen");
      assertThat(acked(EXTPROC, ResourceType.POLICY, ResourceType.KEYS)).isTrue();
    }
  }

  @Test
  void emptySnapshot_isAnswered() throws Exception {
    mesh.server().publish(EXTPROC, NodeSnapshot.empty());
    try (RawNode processor = mesh.connect(EXTPROC)) {
      processor.subscribe(ResourceType.POLICY, "*");
      assertThat(processor.nextAcked(ResourceType.POLICY).getResourcesCount()).isZero();
      processor.subscribe(ResourceType.KEYS, "*");
      assertThat(processor.nextAcked(ResourceType.KEYS).getResourcesCount()).isZero();
      assertThat(acked(EXTPROC, ResourceType.POLICY, ResourceType.KEYS)).isTrue();
    }
  }

  @Test
  void unpublishedNode_isNotAnswered_untilSomethingIsPublished() throws Exception {
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER, Map.of("held", "1"));
      envoy.expectSilence();
      mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
      assertThat(RawNode.names(envoy.nextAcked(ResourceType.CLUSTER))).containsOnlyKeys("a");
      assertThat(envoy.nextAcked(ResourceType.CLUSTER).getRemovedResourcesList())
          .containsExactly("held");
    }
  }

  @Test
  void nodeThatNothingIsPublishedFor_getsTheDefault_whetherThereOrYetToCome() throws Exception {
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER, Map.of("held", "1"));
      envoy.expectSilence();
      mesh.server().publish(EXTPROC, snapshot(resource(ResourceType.POLICY, "acme/zen", "1")));
      mesh.server().publishDefault(NodeSnapshot.empty());
      assertThat(removedInTheEnd(envoy)).containsExactly("held");
    }
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER, Map.of("held", "1"));
      assertThat(removedInTheEnd(envoy)).containsExactly("held");
    }
    try (RawNode processor = mesh.connect(EXTPROC)) {
      processor.subscribe(ResourceType.POLICY);
      assertThat(RawNode.names(processor.nextAcked(ResourceType.POLICY)))
          .containsOnlyKeys("acme/zen");
    }
  }

  /** What is removed comes after what is added, which may be nothing, in a response of its own. */
  private static List<String> removedInTheEnd(RawNode node) throws Exception {
    DeltaDiscoveryResponse first = node.nextAcked(ResourceType.CLUSTER);
    return first.getRemovedResourcesCount() > 0
        ? first.getRemovedResourcesList()
        : node.nextAcked(ResourceType.CLUSTER).getRemovedResourcesList();
  }

  @Test
  void whenAcked_nodeNotConnected_isTrue() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
  }

  @Test
  void whenAcked_noAnswer_isFalseAfterTimeout() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      envoy.next(ResourceType.CLUSTER);
      assertThat(
              mesh.server()
                  .whenAcked(ENVOY, Set.of(ResourceType.CLUSTER), Duration.ofMillis(50))
                  .get(10, TimeUnit.SECONDS))
          .isFalse();
    }
  }

  @Test
  void X03_refusedVersion_isSentOnceInAll_newContentIsTried() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "bad")));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.LISTENER);
      envoy.nack(envoy.next(ResourceType.LISTENER), "filter: unknown");
      assertThat(acked(ENVOY, ResourceType.LISTENER)).isFalse();
      TypeStatus status = status(ENVOY, ResourceType.LISTENER);
      assertThat(status.state()).isEqualTo(TypeStatus.State.NACKED);
      assertThat(status.detail()).contains("filter: unknown");
      for (int i = 0; i < 20; i++) {
        mesh.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "bad")));
      }
      envoy.expectSilence();
      mesh.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "good")));
      envoy.nextAcked(ResourceType.LISTENER);
      assertThat(acked(ENVOY, ResourceType.LISTENER)).isTrue();
      assertThat(status(ENVOY, ResourceType.LISTENER).detail()).isEmpty();
    }
    try (RawNode again = mesh.connect(ENVOY)) {
      mesh.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "bad")));
      again.subscribe(ResourceType.LISTENER);
      assertThat(RawNode.names(again.nextAcked(ResourceType.LISTENER)))
          .containsEntry("ingress", resource(ResourceType.LISTENER, "ingress", "good").version());
      assertThat(acked(ENVOY, ResourceType.LISTENER)).isFalse();
    }
  }

  @Test
  void X03_staleAck_doesNotCompleteTheNewerVersion() throws Exception {
    mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "1")));
    try (RawNode envoy = mesh.connect(ENVOY)) {
      envoy.subscribe(ResourceType.CLUSTER);
      DeltaDiscoveryResponse first = envoy.nextAcked(ResourceType.CLUSTER);
      assertThat(acked(ENVOY, ResourceType.CLUSTER)).isTrue();
      mesh.server().publish(ENVOY, snapshot(resource(ResourceType.CLUSTER, "a", "2")));
      CompletableFuture<Boolean> done =
          mesh.server().whenAcked(ENVOY, Set.of(ResourceType.CLUSTER), PATIENCE);
      DeltaDiscoveryResponse second = envoy.next(ResourceType.CLUSTER);
      envoy.ack(first);
      // The subscription behind the stale ACK is answered: by then the ACK has been dealt with.
      envoy.subscribe(ResourceType.SECRET, "absent");
      envoy.next(ResourceType.SECRET);
      assertThat(done).isNotDone();
      envoy.ack(second);
      assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void order_nextTypeGoesOn_whenTheFormerIsNotAnsweredInTime() throws Exception {
    try (TestMesh quick =
        new TestMesh(directory.resolve("q"), Clock.systemUTC(), Duration.ofMillis(700), 8)) {
      quick
          .server()
          .publish(
              ENVOY,
              snapshot(
                  resource(ResourceType.CLUSTER, "a", "1"),
                  resource(ResourceType.LISTENER, "l", "1")));
      try (RawNode envoy = quick.connect(ENVOY)) {
        long start = System.nanoTime();
        envoy.subscribe(ResourceType.CLUSTER);
        envoy.next(ResourceType.CLUSTER);
        envoy.subscribe(ResourceType.LISTENER);
        envoy.nextAcked(ResourceType.LISTENER);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isGreaterThanOrEqualTo(Duration.ofMillis(700));
      }
    }
  }
}
