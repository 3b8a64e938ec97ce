package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class XdsServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path directory;
  private TestMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory);
  }

  @AfterEach
  void stop() {
    mesh.close();
  }

  private boolean acked(io.zenmesh.xds.model.NodeId node, ResourceType... types) throws Exception {
    return mesh.server()
        .whenAcked(node, EnumSet.copyOf(List.of(types)), PATIENCE)
        .get(20, TimeUnit.SECONDS);
  }

  private TypeStatus status(io.zenmesh.xds.model.NodeId node, ResourceType type) {
    return mesh.server().status().stream()
        .filter(status -> status.node().equals(node))
        .flatMap(status -> status.types().stream())
        .filter(status -> status.type() == type)
        .findFirst()
        .orElseThrow();
  }

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
}
