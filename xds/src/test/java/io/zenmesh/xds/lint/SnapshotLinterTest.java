package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.resource.SampleMesh;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SnapshotLinterTest {
  @Test
  void renderedSnapshots_haveNoFindings() {
    assertThat(SnapshotLinter.lint(Weakened.ingress())).isEmpty();
    assertThat(SnapshotLinter.lint(Weakened.ingressByAuthorization())).isEmpty();
    assertThat(SnapshotLinter.lint(Weakened.guardedByAuthorization())).isEmpty();
    assertThat(SnapshotLinter.lint(Weakened.egress())).isEmpty();
    assertThat(SnapshotLinter.lint(Weakened.processor())).isEmpty();
    assertThat(SnapshotLinter.lint(NodeSnapshot.empty())).isEmpty();
  }

  @Test
  void E14_doorAndRoutesOfDifferentKinds_areFindings() {
    NodeSnapshot byProcessor = Weakened.ingress();
    NodeSnapshot byAuthorization = Weakened.ingressByAuthorization();
    for (NodeSnapshot[] pair :
        new NodeSnapshot[][] {{byProcessor, byAuthorization}, {byAuthorization, byProcessor}}) {
      RouteConfiguration routes =
          Weakened.get(pair[1], ResourceType.ROUTE, "ingress", RouteConfiguration.class);
      assertThat(SnapshotLinter.lint(Weakened.with(pair[0], ResourceType.ROUTE, "ingress", routes)))
          .hasSize(routes.getVirtualHostsList().stream().mapToInt(h -> h.getRoutesCount()).sum());
    }
  }

  @Test
  void E14_bothDoorsAtOnce_orTheOtherOnesGate_areFindings() {
    Listener byProcessor =
        Weakened.get(Weakened.ingress(), ResourceType.LISTENER, "ingress", Listener.class);
    Listener byAuthorization =
        Weakened.get(
            Weakened.ingressByAuthorization(), ResourceType.LISTENER, "ingress", Listener.class);
    HttpFilter processor = filter(byProcessor, "envoy.filters.http.ext_proc");
    HttpFilter gate = filter(byProcessor, "envoy.filters.http.rbac");
    for (List<HttpFilter> first : List.of(List.of(processor), List.of(processor, gate))) {
      assertThat(lint(changed(byAuthorization, filters -> filters.addAll(0, first)))).isNotEmpty();
    }
    assertThat(lint(changed(byAuthorization, filters -> filters.set(1, gate)))).isNotEmpty();
    assertThat(lint(changed(byAuthorization, filters -> filters.remove(1)))).isNotEmpty();
    assertThat(lint(changed(byAuthorization, filters -> filters.remove(2)))).isNotEmpty();
    assertThat(lint(byAuthorization)).isEmpty();
  }

  private static List<Finding> lint(Listener listener) {
    return SnapshotLinter.lint(
        Weakened.with(
            Weakened.ingressByAuthorization(), ResourceType.LISTENER, "ingress", listener));
  }

  private static HttpConnectionManager manager(Listener listener) {
    return Weakened.unpack(
        listener.getFilterChains(0).getFilters(0).getTypedConfig(), HttpConnectionManager.class);
  }

  private static HttpFilter filter(Listener listener, String name) {
    return manager(listener).getHttpFiltersList().stream()
        .filter(filter -> filter.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Listener changed(Listener listener, Consumer<List<HttpFilter>> change) {
    List<HttpFilter> filters = new ArrayList<>(manager(listener).getHttpFiltersList());
    change.accept(filters);
    Listener.Builder changed = listener.toBuilder();
    changed
        .getFilterChainsBuilder(0)
        .getFiltersBuilder(0)
        .setTypedConfig(
            Any.pack(
                manager(listener).toBuilder()
                    .clearHttpFilters()
                    .addAllHttpFilters(filters)
                    .build()));
    return changed.build();
  }

  @Test
  void schemeOfTwoPhases_behindAuthorization_isNoFinding() {
    List<Finding> findings =
        SnapshotLinter.lint(
            Weakened.ingressByAuthorization(), Weakened.processor(), scheme -> true);
    assertThat(findings)
        .extracting(Finding::problem)
        .containsExactly(
            "acme/payments has no policy (expected: one for each route)",
            // There is no dry run behind this door.
            "globex/trial is enforced by the gate (expected: in dry run, as its policy says)");
  }

  /** The hosts in the chain of this name through ext_authz, all others through ext_proc. */
  private static NodeSnapshot mixed(String byAuthorization) {
    NodeSnapshot other = Weakened.guardedByAuthorization();
    Listener.Builder listener =
        Weakened.get(Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", Listener.class)
            .toBuilder();
    Listener doors = Weakened.get(other, ResourceType.LISTENER, "ingress", Listener.class);
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      if (listener.getFilterChains(i).getName().equals(byAuthorization)) {
        listener.setFilterChains(i, doors.getFilterChains(i));
      }
    }
    return Weakened.with(
        Weakened.with(
            Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()),
        ResourceType.ROUTE,
        byAuthorization,
        Weakened.get(other, ResourceType.ROUTE, byAuthorization, RouteConfiguration.class));
  }

  @Test
  void E14_doorOfOneChain_saysNothingOfTheOthers() {
    for (String name : List.of("ingress", "ingress/mtls.acme.test")) {
      NodeSnapshot mixed = mixed(name);
      assertThat(SnapshotLinter.lint(mixed, Weakened.guardedProcessor(), policy -> false))
          .as(name)
          .isEmpty();
      // Of the four endpoints only builds shows the response, and those behind ext_authz need not.
      assertThat(SnapshotLinter.lint(mixed, Weakened.guardedProcessor(), policy -> true))
          .as(name)
          .extracting(Finding::problem)
          .containsExactly(
              (name.equals("ingress") ? "acme/orders" : "globex/open")
                  + " hides the response (expected: shown, the scheme needs it)");
    }
  }

  @Test
  void E14_routesOfTheOtherDoorThanTheirChain_areFindings() {
    NodeSnapshot mixed = mixed("ingress/mtls.acme.test");
    RouteConfiguration routes =
        Weakened.get(
            Weakened.guardedIngress(),
            ResourceType.ROUTE,
            "ingress/mtls.acme.test",
            RouteConfiguration.class);
    assertThat(
            SnapshotLinter.lint(
                Weakened.with(mixed, ResourceType.ROUTE, "ingress/mtls.acme.test", routes)))
        .hasSize(2);
  }

  @Test
  void routeWithoutPolicy_isAFinding() {
    NodeSnapshot processor = SampleMesh.processor(SampleMesh.policies(), SampleMesh.keys());
    assertThat(SnapshotLinter.lint(Weakened.ingress(), processor))
        .extracting(Finding::problem)
        .containsExactly("acme/payments has no policy (expected: one for each route)");
  }

  @Test
  void E14_routeOfATwoPhaseScheme_withoutTheResponse_isAFinding() {
    RouteConfiguration.Builder routes =
        Weakened.get(Weakened.ingress(), ResourceType.ROUTE, "ingress", RouteConfiguration.class)
            .toBuilder();
    routes.getVirtualHostsBuilder(0).removeRoutes(1);
    NodeSnapshot shown =
        Weakened.with(Weakened.ingress(), ResourceType.ROUTE, "ingress", routes.build());
    routes.getVirtualHostsBuilder(1).getRoutesBuilder(0).clearTypedPerFilterConfig();
    NodeSnapshot hidden =
        Weakened.with(Weakened.ingress(), ResourceType.ROUTE, "ingress", routes.build());
    assertThat(
            SnapshotLinter.lint(
                shown, Weakened.processor(), policy -> policy.scheme().equals("github")))
        .isEmpty();
    assertThat(
            SnapshotLinter.lint(
                hidden, Weakened.processor(), policy -> policy.scheme().equals("zen")))
        .extracting(Finding::problem)
        .containsExactly("acme/orders hides the response (expected: shown, the scheme needs it)");
    assertThat(
            SnapshotLinter.lint(
                hidden, Weakened.processor(), policy -> policy.scheme().equals("github")))
        .extracting(Finding::problem)
        .containsExactly("globex/builds hides the response (expected: shown, the scheme needs it)");
    assertThat(SnapshotLinter.lint(hidden, Weakened.processor())).isEmpty();
  }

  @Test
  void E14_dryRunOfTheGate_isAFinding_whereThePolicyEnforces() {
    RouteConfiguration.Builder routes = rendered();
    routes.getVirtualHostsBuilder(0).removeRoutes(1);
    var trial = routes.getVirtualHosts(1).getRoutes(1).getTypedPerFilterConfigMap();
    assertThat(SnapshotLinter.lint(with(routes), Weakened.processor())).isEmpty();
    routes.getVirtualHostsBuilder(0).getRoutesBuilder(0).putAllTypedPerFilterConfig(trial);
    assertThat(SnapshotLinter.lint(with(routes))).isEmpty();
    assertThat(SnapshotLinter.lint(with(routes), Weakened.processor()))
        .extracting(Finding::problem)
        .containsExactly("acme/orders is in dry run (expected: only where its policy says so)");
  }

  @Test
  void enforcingGate_isAFinding_whereThePolicyIsInDryRun() {
    RouteConfiguration.Builder routes = rendered();
    routes.getVirtualHostsBuilder(0).removeRoutes(1);
    routes.getVirtualHostsBuilder(1).getRoutesBuilder(1).clearTypedPerFilterConfig();
    assertThat(SnapshotLinter.lint(with(routes), Weakened.processor()))
        .extracting(Finding::problem)
        .containsExactly(
            "globex/trial is enforced by the gate (expected: in dry run, as its policy says)");
  }

  private static RouteConfiguration.Builder rendered() {
    return Weakened.get(Weakened.ingress(), ResourceType.ROUTE, "ingress", RouteConfiguration.class)
        .toBuilder();
  }

  private static NodeSnapshot with(RouteConfiguration.Builder routes) {
    return Weakened.with(Weakened.ingress(), ResourceType.ROUTE, "ingress", routes.build());
  }

  @Test
  void keysWithoutPolicy_areAFinding() {
    assertThat(SnapshotLinter.lint(SampleMesh.processor(List.of(), SampleMesh.keys()))).hasSize(3);
  }

  @Test
  void missingReferences_areFindings() {
    List<Resource> withoutProcessor =
        Weakened.without(Weakened.ingress(), ResourceType.CLUSTER, "zen_extproc");
    List<Resource> withoutSecret =
        Weakened.without(Weakened.ingress(), ResourceType.SECRET, "edge-tls");
    List<Resource> withoutRoutes =
        Weakened.without(Weakened.ingress(), ResourceType.ROUTE, "ingress");
    assertThat(SnapshotLinter.lint(NodeSnapshot.of(withoutProcessor))).isNotEmpty();
    assertThat(SnapshotLinter.lint(NodeSnapshot.of(withoutSecret))).isNotEmpty();
    assertThat(SnapshotLinter.lint(NodeSnapshot.of(withoutRoutes))).isNotEmpty();
  }

  @Test
  void ingressAndProcessorInOneSnapshot_isAFinding() {
    List<Resource> both = Weakened.without(Weakened.ingress(), ResourceType.SECRET, "none");
    both.addAll(Weakened.without(Weakened.processor(), ResourceType.SECRET, "none"));
    assertThat(SnapshotLinter.lint(NodeSnapshot.of(both)))
        .extracting(Finding::resource)
        .containsExactly("snapshot");
  }

  @Test
  void bodyThatIsNotItsType_isAFinding() {
    Any garbage =
        Any.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.url())
            .setValue(ByteString.copyFromUtf8("\u0007garbage"))
            .build();
    List<Resource> resources =
        Weakened.without(Weakened.ingress(), ResourceType.CLUSTER, "zen_egress");
    resources.add(new Resource(ResourceType.CLUSTER, "zen_egress", "v", garbage));
    assertThat(SnapshotLinter.lint(NodeSnapshot.of(resources)))
        .extracting(Finding::problem)
        .allSatisfy(problem -> assertThat(problem).startsWith("malformed"))
        .hasSize(1);
  }

  @Test
  void destinationOfAnotherName_isAFinding() {
    Cluster cluster =
        Weakened.get(
            Weakened.egress(), ResourceType.CLUSTER, "destination/acme/orders", Cluster.class);
    assertThat(
            Weakened.lint(
                Weakened.egress(),
                ResourceType.CLUSTER,
                "destination/acme/orders",
                cluster.toBuilder().setName("destination/globex/orders").build()))
        .isNotEmpty();
  }
}
