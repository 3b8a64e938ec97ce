package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which node gets what, and what it keeps when others fail. */
class PublisherTest extends PublisherFixture {
  @Test
  void everyNode_getsWhatIsItsOwn() {
    store(TestMesh.all());
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(5, List.of()));
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.POLICY))
        .containsOnlyKeys("acme/zen", "globex/zen");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.KEYS))
        .containsOnlyKeys("acme/zen", "globex/zen");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.SECRET)).isEmpty();
    assertThat(server.heldBy(INGRESS).resources(ResourceType.KEYS)).isEmpty();
    assertThat(server.heldBy(INGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/system/edge-tls");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/acme/target-ca", "secret/globex/target-ca");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.CLUSTER))
        .containsOnlyKeys("destination/acme/target", "destination/globex/target");
  }

  @Test
  void unchangedState_isNotSentAgain() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.all());
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(0, List.of()));
    assertThat(server.asked).isEmpty();
  }

  @Test
  void nodeThatRefuses_isNamedAndDoesNotHoldUpTheOthers() {
    store(TestMesh.all());
    server.refusing.add(PROCESSOR);
    assertThat(publisher.publish())
        .isEqualTo(new Publication.Published(5, List.of("edge-local/extproc/ingress-1")));
    assertThat(server.holds).containsKey(INGRESS);
  }

  @Test
  void serverThatThrowsHalfWay_isGivenTheRestNextTime() {
    store(TestMesh.all());
    server.throwing.add(EGRESS);
    assertThat(publisher.publish()).isEqualTo(new Publication.Failed("KEYS: too many"));
    assertThat(server.holds).containsOnlyKeys(PROCESSOR, node(NodeRole.EXTPROC, "ingress-2"));
    assertThat(server.others).isEmpty();
    server.throwing.clear();
    server.asked.clear();
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(3, List.of()));
    assertThat(server.asked).first().isEqualTo("publish " + EGRESS);
    assertThat(server.others).hasValue(NodeSnapshot.empty());
  }

  @Test
  void nodeTakenOutOfTheMesh_keepsAnEmptySnapshot() {
    store(TestMesh.all());
    publisher.publish();
    NodeId second = node(NodeRole.ENVOY, "ingress-2");
    store(TestMesh.all().replaceAll("(?m)^    - \\{name: ingress-2.*\n", ""));
    publisher.publish();
    assertThat(server.holds).containsEntry(second, NodeSnapshot.empty());
    server.asked.clear();
    publisher.publish();
    assertThat(server.asked).isEmpty();
  }

  @Test
  void callersOfAnEndpoint_reachIngressAndProcessor() {
    store(
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + TestMesh.endpoint("acme", "zen")
            + TestMesh.callers());
    assertThat(publisher.publish()).isInstanceOf(Publication.Published.class);
    assertThat(server.heldBy(INGRESS).resources(ResourceType.ROUTE))
        .containsOnlyKeys("ingress", "ingress/hooks.acme.test");
    assertThat(server.heldBy(INGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/system/edge-tls", "secret/acme/target-ca");
    assertThat(
            SnapshotLinter.lint(server.heldBy(INGRESS), server.heldBy(PROCESSOR), scheme -> false))
        .isEmpty();
  }
}
