package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which kind of node is told of a change first. */
class PublicationOrderTest extends PublisherFixture {
  @Test
  void newEndpoint_isAwaitedAtProcessorsBeforeRoutesGoOut() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.all() + TestMesh.endpoint("acme", "second"));
    publisher.publish();
    assertThat(server.asked)
        .containsExactly(
            "publish edge-local/extproc/ingress-1",
            "publish edge-local/extproc/ingress-2",
            "await edge-local/extproc/ingress-1",
            "await edge-local/extproc/ingress-2",
            "publish edge-local/envoy/egress-1",
            "await edge-local/envoy/egress-1",
            "publish edge-local/envoy/ingress-1",
            "publish edge-local/envoy/ingress-2",
            "await edge-local/envoy/ingress-1",
            "await edge-local/envoy/ingress-2");
  }

  @Test
  void removedTenant_leavesIngressFirstAndProcessorsLast() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    publisher.publish();
    assertThat(server.asked)
        .containsExactly(
            "publish edge-local/envoy/ingress-1",
            "publish edge-local/envoy/ingress-2",
            "await edge-local/envoy/ingress-1",
            "await edge-local/envoy/ingress-2",
            "publish edge-local/envoy/egress-1",
            "await edge-local/envoy/egress-1",
            "publish edge-local/extproc/ingress-1",
            "publish edge-local/extproc/ingress-2",
            "await edge-local/extproc/ingress-1",
            "await edge-local/extproc/ingress-2");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.POLICY))
        .containsOnlyKeys("acme/zen");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.CLUSTER))
        .containsOnlyKeys("destination/acme/target");
  }

  @Test
  void twoPhaseScheme_asksForTheOutcome() {
    String stripe = TestMesh.endpoint("acme", "stripe").replace("scheme: zen", "scheme: stripe");
    files.writeSecret("acme.key", "whsec_test");
    store(TestMesh.platform() + TestMesh.tenant("acme") + stripe);
    publisher.publish();
    String twoPhase = version(INGRESS);
    files.writeSecret("acme.key", TestMesh.zenKey(1));
    store(
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + stripe
                .replace("stripe", "zen")
                .replace("name: zen", "name: stripe")
                .replace("/acme/zen", "/acme/stripe"));
    publisher.publish();
    assertThat(version(INGRESS)).isNotEqualTo(twoPhase);
  }

  @Test
  void changeToATwoPhaseScheme_reachesIngressBeforeTheProcessor_andBackTheOtherWay() {
    String zen = TestMesh.endpoint("acme", "hook");
    String stripe = zen.replace("scheme: zen", "scheme: stripe");
    String ground = TestMesh.platform() + TestMesh.tenant("acme");
    store(ground + zen);
    publisher.publish();
    files.writeSecret("acme.key", "whsec_test");
    server.asked.clear();
    store(ground + stripe);
    publisher.publish();
    assertThat(phases()).containsExactly("envoy", "extproc");

    files.writeSecret("acme.key", TestMesh.zenKey(1));
    server.asked.clear();
    store(ground + zen);
    publisher.publish();
    assertThat(phases()).containsExactly("extproc", "envoy");
  }

  @Test
  void dryRun_reachesIngressBeforeTheProcessor_andEndsTheOtherWay() {
    String enforced = TestMesh.endpoint("acme", "hook").replace("scheme: zen", "scheme: stripe");
    String dryRun = enforced.replace("scheme: stripe", "scheme: stripe\n  enforce: false");
    files.writeSecret("acme.key", "whsec_test");
    String ground = TestMesh.platform() + TestMesh.tenant("acme");
    store(ground + enforced);
    publisher.publish();
    server.asked.clear();
    store(ground + dryRun);
    publisher.publish();
    assertThat(phases()).containsExactly("envoy", "extproc");

    server.asked.clear();
    store(ground + enforced);
    publisher.publish();
    assertThat(phases()).containsExactly("extproc", "envoy");
  }

  /** Which kind of node was published to, in order, once for each phase. */
  private List<String> phases() {
    List<String> phases = new ArrayList<>();
    for (String asked : server.asked) {
      String kind = asked.contains("/extproc/") ? "extproc" : "envoy";
      if (asked.startsWith("publish ") && (phases.isEmpty() || !phases.getLast().equals(kind))) {
        phases.add(kind);
      }
    }
    return phases;
  }

  private String version(NodeId node) {
    return server.heldBy(node).resources(ResourceType.ROUTE).values().iterator().next().version();
  }
}
