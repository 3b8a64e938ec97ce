package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.ClientHost.HOST;
import static io.zenmesh.xds.lint.ClientHost.chain;
import static io.zenmesh.xds.lint.ClientHost.index;
import static io.zenmesh.xds.lint.ClientHost.listener;
import static io.zenmesh.xds.lint.ClientHost.roots;
import static io.zenmesh.xds.lint.ClientHost.routes;
import static io.zenmesh.xds.lint.ClientHost.tls;
import static io.zenmesh.xds.lint.WeakerAccess.CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.resource.SampleMesh;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What keeps client certificates, source networks and rates enforced. */
class ClientLintTest {
  @Test
  void guardedSnapshot_withItsPolicies_hasNoFindings() {
    assertThat(SnapshotLinter.lint(Weakened.guardedIngress(), Weakened.guardedProcessor()))
        .isEmpty();
  }

  static Stream<Named<Consumer<FilterChain.Builder>>> chains() {
    return ClientHost.weaker();
  }

  @ParameterizedTest
  @MethodSource("chains")
  void E14_X02_weakerChainOfAClientHost_isAFinding(Consumer<FilterChain.Builder> change) {
    Listener.Builder listener = listener().toBuilder();
    change.accept(chain(listener));
    assertThat(
            Weakened.lint(
                Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()))
        .isNotEmpty();
  }

  @Test
  void E14_X02_rootsOfAnotherTenant_isTheFinding() {
    Listener.Builder listener = listener().toBuilder();
    roots(chain(listener), "secret/globex/client-ca");
    assertThat(
            Weakened.lint(
                Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()))
        .extracting(Finding::problem)
        .containsExactly(
            "roots secret/globex/client-ca of another tenant (expected: of the tenant of the"
                + " host)");
  }

  @Test
  void E14_chainTwice_isAFinding() {
    Listener.Builder listener = listener().toBuilder();
    listener.addFilterChains(chain(listener).build());
    assertThat(
            Weakened.lint(
                Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()))
        .extracting(Finding::problem)
        .containsExactly("used twice (expected: unique)");
  }

  @Test
  void E14_hostWithoutItsChain_isAFinding() {
    Listener.Builder listener = listener().toBuilder();
    listener.removeFilterChains(index(listener));
    assertThat(
            Weakened.lint(
                Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()))
        .extracting(Finding::problem)
        .containsExactly("no filter chain (expected: one of its name)");
  }

  @Test
  void E14_secondHostBehindAChain_isAFinding() {
    RouteConfiguration.Builder routes = routes().toBuilder();
    routes.addVirtualHosts(
        routes.getVirtualHosts(0).toBuilder()
            .setName("b.test")
            .clearDomains()
            .addDomains("b.test")
            .addDomains("b.test:*")
            .clearRoutes());
    assertThat(Weakened.lint(Weakened.guardedIngress(), ResourceType.ROUTE, HOST, routes.build()))
        .extracting(Finding::problem)
        .containsExactly("other hosts (expected: exactly the one named)");
  }

  @Test
  void E14_certificateThatMayBeMissing_whereThePolicyRequiresOne_isAFinding() {
    Listener.Builder listener = listener().toBuilder();
    tls(chain(listener), tls -> tls.setRequireClientCertificate(BoolValue.of(false)));
    assertThat(
            SnapshotLinter.lint(
                Weakened.with(
                    Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", listener.build()),
                Weakened.guardedProcessor()))
        .extracting(Finding::problem)
        .containsExactly(
            "acme/orders asks for another client certificate than its policy (expected: the same)",
            "acme/payments asks for another client certificate than its policy (expected: the"
                + " same)");
  }

  @Test
  void E14_namesThatThePolicyDoesNotSay_areAFinding() {
    assertThat(lintPair(List.of(SampleMesh.policy(SampleMesh.ORDERS, "zen", other()))))
        .contains(
            "acme/orders asks for another client certificate than its policy (expected: the same)");
  }

  @Test
  void E14_policyWithoutClients_onAClientHost_isAFinding() {
    assertThat(
            lintPair(List.of(SampleMesh.policy(SampleMesh.ORDERS, "zen", ClientRequirement.NONE))))
        .contains(
            "acme/orders asks for another client certificate than its policy (expected: the same)");
  }

  @Test
  void E14_policyWithClients_onAnOpenHost_isAFinding() {
    assertThat(lintPair(List.of(SampleMesh.policy(SampleMesh.OPEN, "zen", other()))))
        .contains(
            "globex/open asks for another client certificate than its policy (expected: the same)");
  }

  private static ClientRequirement other() {
    return new ClientRequirement(
        Mtls.REQUIRED, List.of("spiffe://acme.example/other"), List.of("sender.acme.example"));
  }

  /** The problems of the guarded ingress with some of its policies replaced. */
  private static List<String> lintPair(List<EndpointPolicy> replacing) {
    List<EndpointPolicy> policies = new ArrayList<>(SampleMesh.guardedPolicies());
    replacing.forEach(policy -> policies.removeIf(each -> each.ref().equals(policy.ref())));
    policies.addAll(replacing);
    return SnapshotLinter.lint(Weakened.guardedIngress(), SampleMesh.processor(policies, List.of()))
        .stream()
        .map(Finding::problem)
        .toList();
  }

  static Stream<Named<Consumer<Route.Builder>>> routesOf() {
    return WeakerAccess.changes();
  }

  @ParameterizedTest
  @MethodSource("routesOf")
  void E14_weakerAccessOfARoute_isAFinding(Consumer<Route.Builder> change) {
    RouteConfiguration.Builder routes = routes().toBuilder();
    change.accept(routes.getVirtualHostsBuilder(0).getRoutesBuilder(0));
    assertThat(Weakened.lint(Weakened.guardedIngress(), ResourceType.ROUTE, HOST, routes.build()))
        .isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("routesOf")
  void E14_weakerAccessOfARoute_behindAuthorization_isAFinding(Consumer<Route.Builder> change) {
    NodeSnapshot guarded = Weakened.guardedByAuthorization();
    RouteConfiguration.Builder routes =
        Weakened.get(guarded, ResourceType.ROUTE, HOST, RouteConfiguration.class).toBuilder();
    change.accept(routes.getVirtualHostsBuilder(0).getRoutesBuilder(0));
    assertThat(Weakened.lint(guarded, ResourceType.ROUTE, HOST, routes.build())).isNotEmpty();
  }

  @Test
  void E14_clientNames_onAnOpenHost_areAFinding() {
    Any names = routes().getVirtualHosts(0).getRoutes(0).getTypedPerFilterConfigOrThrow(CLIENT);
    NodeSnapshot guarded = Weakened.guardedIngress();
    RouteConfiguration.Builder open =
        Weakened.get(guarded, ResourceType.ROUTE, "ingress", RouteConfiguration.class).toBuilder();
    open.getVirtualHostsBuilder(0).getRoutesBuilder(0).putTypedPerFilterConfig(CLIENT, names);
    assertThat(Weakened.lint(guarded, ResourceType.ROUTE, "ingress", open.build())).isNotEmpty();
  }

  @Test
  void E14_openHostWithTheNameOfAClientHost_isAFinding() {
    NodeSnapshot guarded = Weakened.guardedIngress();
    RouteConfiguration.Builder open =
        Weakened.get(guarded, ResourceType.ROUTE, "ingress", RouteConfiguration.class).toBuilder();
    VirtualHost.Builder host = routes().getVirtualHosts(0).toBuilder();
    // What the chain asks for is not in the routes: only the host gives it away.
    host.getRoutesBuilderList().forEach(Route.Builder::clearTypedPerFilterConfig);
    open.addVirtualHosts(host);
    NodeSnapshot crossing = Weakened.with(guarded, ResourceType.ROUTE, "ingress", open.build());
    assertThat(SnapshotLinter.lint(crossing))
        .extracting(Finding::problem)
        .containsExactly("host mtls.acme.test twice (expected: once)");
  }
}
