package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PublishPlanTest {
  private static final NodeId PROCESSOR = node(NodeRole.EXTPROC, "ingress");
  private static final NodeId INGRESS = node(NodeRole.ENVOY, "ingress");
  private static final NodeId EGRESS = node(NodeRole.ENVOY, "egress");

  private static NodeId node(NodeRole role, String name) {
    return new NodeId(new Name("edge"), role, new Name(name));
  }

  private static Resource resource(ResourceType type, String name, String version) {
    Any body =
        Any.newBuilder().setTypeUrl(type.url()).setValue(ByteString.copyFromUtf8(version)).build();
    return new Resource(type, name, version, body);
  }

  /** A snapshot of one type, written {@code name@version}. */
  private static NodeSnapshot of(ResourceType type, String... resources) {
    List<Resource> all = new ArrayList<>();
    for (String each : resources) {
      String[] parts = each.split("@", -1);
      all.add(resource(type, parts[0], parts[1]));
    }
    return NodeSnapshot.of(all);
  }

  private static FleetSnapshots fleet(
      NodeSnapshot processor, NodeSnapshot ingress, NodeSnapshot egress, NodeSnapshot bridge) {
    return new FleetSnapshots(
        new TreeMap<>(Map.of(PROCESSOR, processor)),
        new TreeMap<>(Map.of(INGRESS, ingress)),
        new TreeMap<>(Map.of(EGRESS, egress)),
        new TreeMap<>(Map.of(EGRESS, bridge)),
        Set.of());
  }

  /** The same state, in which these endpoints' policies wait for their routes. */
  private static FleetSnapshots routesFirst(FleetSnapshots fleet, String... endpoints) {
    return new FleetSnapshots(
        fleet.processors(),
        fleet.ingress(),
        fleet.egress(),
        fleet.egressBridge(),
        Set.of(endpoints));
  }

  /** The steps as one line each: {@code publish node name@version...}, {@code await node types}. */
  private static List<String> steps(Map<NodeId, NodeSnapshot> current, FleetSnapshots next) {
    List<String> lines = new ArrayList<>();
    for (PublishPlan.Step step : PublishPlan.between(current, next)) {
      switch (step) {
        case PublishPlan.Step.Publish publish ->
            publish
                .snapshots()
                .forEach((node, snapshot) -> lines.add("publish " + node + text(snapshot)));
        case PublishPlan.Step.Await await -> lines.add("await " + await.nodes());
      }
    }
    return lines;
  }

  private static String text(NodeSnapshot snapshot) {
    StringBuilder text = new StringBuilder();
    for (ResourceType type : ResourceType.values()) {
      snapshot
          .resources(type)
          .values()
          .forEach(it -> text.append(' ').append(it.name()).append('@').append(it.version()));
    }
    return text.toString();
  }

  private static FleetSnapshots first() {
    return fleet(
        of(ResourceType.POLICY, "a@1"),
        of(ResourceType.ROUTE, "ingress@1"),
        of(ResourceType.ROUTE, "egress@1"),
        of(ResourceType.ROUTE, "egress@1"));
  }

  private static Map<NodeId, NodeSnapshot> held(FleetSnapshots fleet) {
    Map<NodeId, NodeSnapshot> held = new TreeMap<>(fleet.processors());
    held.putAll(fleet.ingress());
    held.putAll(fleet.egress());
    return held;
  }

  @Test
  void firstPublication_goesProcessorEgressIngress() {
    assertThat(steps(Map.of(), first()))
        .containsExactly(
            "publish edge/extproc/ingress a@1",
            "await [edge/extproc/ingress]",
            "publish edge/envoy/egress egress@1",
            "await [edge/envoy/egress]",
            "publish edge/envoy/ingress ingress@1",
            "await [edge/envoy/ingress]");
  }

  @Test
  void sameState_needsNoStep() {
    assertThat(steps(held(first()), first())).isEmpty();
  }

  @Test
  void addedEndpoint_isKnownToTheProcessorBeforeAnyRoute() {
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "a@1", "b@1"),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@2"),
            of(ResourceType.ROUTE, "egress@2"));
    assertThat(steps(held(first()), next))
        .containsExactly(
            "publish edge/extproc/ingress a@1 b@1",
            "await [edge/extproc/ingress]",
            "publish edge/envoy/egress egress@2",
            "await [edge/envoy/egress]",
            "publish edge/envoy/ingress ingress@2",
            "await [edge/envoy/ingress]");
  }

  @Test
  void removedEndpoint_leavesTheProcessorLast() {
    FleetSnapshots before =
        fleet(
            of(ResourceType.POLICY, "a@1", "b@1"),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@2"),
            of(ResourceType.ROUTE, "egress@2"));
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "a@1"),
            of(ResourceType.ROUTE, "ingress@3"),
            of(ResourceType.ROUTE, "egress@3"),
            of(ResourceType.ROUTE, "egress@2"));
    assertThat(steps(held(before), next))
        .containsExactly(
            "publish edge/envoy/ingress ingress@3",
            "await [edge/envoy/ingress]",
            "publish edge/envoy/egress egress@3",
            "await [edge/envoy/egress]",
            "publish edge/extproc/ingress a@1",
            "await [edge/extproc/ingress]");
  }

  @Test
  void replacedEndpoint_keepsTheOldPolicyUntilNoRouteLeadsToIt() {
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "b@1"),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@3"),
            of(ResourceType.ROUTE, "egress@2"));
    assertThat(steps(held(first()), next))
        .containsExactly(
            "publish edge/extproc/ingress a@1 b@1",
            "await [edge/extproc/ingress]",
            "publish edge/envoy/egress egress@2",
            "await [edge/envoy/egress]",
            "publish edge/envoy/ingress ingress@2",
            "await [edge/envoy/ingress]",
            "publish edge/envoy/egress egress@3",
            "await [edge/envoy/egress]",
            "publish edge/extproc/ingress b@1",
            "await [edge/extproc/ingress]");
  }

  @Test
  void changedPolicy_needsNoEnvoy() {
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "a@2"),
            of(ResourceType.ROUTE, "ingress@1"),
            of(ResourceType.ROUTE, "egress@1"),
            of(ResourceType.ROUTE, "egress@1"));
    assertThat(steps(held(first()), next))
        .containsExactly("publish edge/extproc/ingress a@2", "await [edge/extproc/ingress]");
  }

  @Test
  void policyThatNeedsTheOutcome_takesItsPlaceAfterTheRoutes() {
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "a@2", "b@1"),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@1"),
            of(ResourceType.ROUTE, "egress@1"));
    assertThat(steps(held(first()), routesFirst(next, "a")))
        .containsExactly(
            "publish edge/extproc/ingress a@1 b@1",
            "await [edge/extproc/ingress]",
            "publish edge/envoy/ingress ingress@2",
            "await [edge/envoy/ingress]",
            "publish edge/extproc/ingress a@2 b@1",
            "await [edge/extproc/ingress]");
  }

  @Test
  void policyThatNeedsNoOutcomeAnyMore_takesItsPlaceBeforeTheRoutes() {
    FleetSnapshots next =
        fleet(
            of(ResourceType.POLICY, "a@2"),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@1"),
            of(ResourceType.ROUTE, "egress@1"));
    assertThat(steps(held(first()), next))
        .containsExactly(
            "publish edge/extproc/ingress a@2",
            "await [edge/extproc/ingress]",
            "publish edge/envoy/ingress ingress@2",
            "await [edge/envoy/ingress]");
  }

  @Test
  void keysOfAPolicyThatWaits_waitWithIt() {
    Map<NodeId, NodeSnapshot> held = held(first());
    held.put(
        PROCESSOR,
        NodeSnapshot.of(
            List.of(
                resource(ResourceType.POLICY, "a", "1"), resource(ResourceType.KEYS, "a", "k1"))));
    FleetSnapshots next =
        fleet(
            NodeSnapshot.of(
                List.of(
                    resource(ResourceType.POLICY, "a", "2"),
                    resource(ResourceType.KEYS, "a", "k2"))),
            of(ResourceType.ROUTE, "ingress@2"),
            of(ResourceType.ROUTE, "egress@1"),
            of(ResourceType.ROUTE, "egress@1"));
    assertThat(steps(held, routesFirst(next, "a")))
        .containsExactly(
            "publish edge/envoy/ingress ingress@2",
            "await [edge/envoy/ingress]",
            "publish edge/extproc/ingress a@2 a@k2",
            "await [edge/extproc/ingress]");
  }

  @Test
  void policyThatWaits_isLearnedAtOnceByAProcessorThatHasNone() {
    FleetSnapshots next = routesFirst(first(), "a");
    assertThat(steps(Map.of(), next)).first().isEqualTo("publish edge/extproc/ingress a@1");
  }

  @Test
  void removedNodes_areEmptied() {
    FleetSnapshots next =
        new FleetSnapshots(
            new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), Set.of());
    assertThat(steps(held(first()), next))
        .containsExactly(
            "publish edge/envoy/egress",
            "publish edge/envoy/ingress",
            "await [edge/envoy/egress, edge/envoy/ingress]",
            "publish edge/extproc/ingress",
            "await [edge/extproc/ingress]");
  }

  @Test
  void secrets_areNeverWaitedFor() {
    assertThat(PublishPlan.ENVOY_TYPES).doesNotContain(ResourceType.SECRET);
  }
}
