package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
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
  private static final String HOST = "ingress/mtls.acme.test";
  private static final String CLIENT = "zen.filters.http.client";
  private static final String SOURCE = "zen.filters.http.source";
  private static final String RATE_LIMIT = "envoy.filters.http.local_ratelimit";

  @Test
  void guardedSnapshot_withItsPolicies_hasNoFindings() {
    assertThat(SnapshotLinter.lint(Weakened.guardedIngress(), Weakened.guardedProcessor()))
        .isEmpty();
  }

  static Stream<Named<Consumer<FilterChain.Builder>>> chains() {
    return Stream.of(
        Named.of("every server name", FilterChain.Builder::clearFilterChainMatch),
        Named.of(
            "another server name", c -> c.getFilterChainMatchBuilder().addServerNames("b.test")),
        Named.of(
            "a server name by wildcard",
            c -> c.getFilterChainMatchBuilder().setServerNames(0, "*.acme.test")),
        Named.of("no TLS", FilterChain.Builder::clearTransportSocket),
        Named.of(
            "no validation",
            c -> tls(c, t -> t.getCommonTlsContextBuilder().clearValidationContextType())),
        Named.of(
            "roots that are not there",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getValidationContextSdsSecretConfigBuilder()
                            .setName("nobody"))),
        Named.of("another tenant's roots", c -> roots(c, "secret/globex/client-ca")),
        Named.of(
            "a certificate as roots",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getValidationContextSdsSecretConfigBuilder()
                            .setName("edge-tls"))),
        Named.of(
            "an untrusted certificate accepted",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getDefaultValidationContextBuilder()
                            .setTrustChainVerificationValue(1))),
        Named.of(
            "sessions resumed by ticket",
            c -> tls(c, DownstreamTlsContext.Builder::clearDisableStatelessSessionResumption)),
        Named.of(
            "sessions resumed by id",
            c -> tls(c, t -> t.setDisableStatefulSessionResumption(false))));
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

  private static void roots(FilterChain.Builder chain, String name) {
    tls(
        chain,
        tls ->
            tls.getCommonTlsContextBuilder()
                .getCombinedValidationContextBuilder()
                .getValidationContextSdsSecretConfigBuilder()
                .setName(name));
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
    return Stream.of(
        Named.of("no names", r -> change(r, CLIENT, b -> policy(b, p -> p.clearPrincipals()))),
        Named.of(
            "any name",
            r -> change(r, CLIENT, b -> policy(b, p -> p.getPrincipalsBuilder(0).setAny(true)))),
        Named.of(
            "names by prefix",
            r ->
                change(
                    r,
                    CLIENT,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getAuthenticatedBuilder()
                                    .getPrincipalNameBuilder()
                                    .setPrefix("spiffe://")))),
        Named.of(
            "names in any case",
            r ->
                change(
                    r,
                    CLIENT,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getAuthenticatedBuilder()
                                    .getPrincipalNameBuilder()
                                    .setIgnoreCase(true)))),
        Named.of(
            "shadow only",
            r ->
                change(
                    r,
                    CLIENT,
                    b -> b.getRbacBuilder().setShadowRules(b.getRbac().getRules()).clearRules())),
        Named.of("empty RBACPerRoute", r -> change(r, SOURCE, RBACPerRoute.Builder::clear)),
        Named.of(
            "a network with host bits",
            r ->
                change(
                    r,
                    SOURCE,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getDirectRemoteIpBuilder()
                                    .setAddressPrefix("192.0.2.1")))),
        Named.of(
            "a network by forwarded address",
            r ->
                change(
                    r,
                    SOURCE,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .setRemoteIp(
                                        p.getPrincipals(0)
                                            .getNotId()
                                            .getOrIds()
                                            .getIds(0)
                                            .getDirectRemoteIp())))),
        Named.of("no bucket", r -> limit(r, LocalRateLimit.Builder::clearTokenBucket)),
        Named.of("not enforced", r -> limit(r, LocalRateLimit.Builder::clearFilterEnforced)),
        Named.of("not enabled", r -> limit(r, LocalRateLimit.Builder::clearFilterEnabled)),
        Named.of(
            "a bucket for each connection",
            r -> limit(r, l -> l.setLocalRateLimitPerDownstreamConnection(true))),
        Named.of(
            "no Retry-After", r -> limit(r, LocalRateLimit.Builder::clearResponseHeadersToAdd)),
        Named.of(
            "another period",
            r -> limit(r, l -> l.getTokenBucketBuilder().getFillIntervalBuilder().setSeconds(2))),
        Named.of(
            "a burst over the bound",
            r -> limit(r, l -> l.getTokenBucketBuilder().setMaxTokens(100_001))));
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

  private static void change(
      Route.Builder route, String filter, Consumer<RBACPerRoute.Builder> change) {
    RBACPerRoute.Builder config =
        Weakened.unpack(route.getTypedPerFilterConfigOrThrow(filter), RBACPerRoute.class)
            .toBuilder();
    change.accept(config);
    route.putTypedPerFilterConfig(filter, Any.pack(config.build()));
  }

  private static void policy(
      RBACPerRoute.Builder config,
      Consumer<io.envoyproxy.envoy.config.rbac.v3.Policy.Builder> change) {
    var rules = config.getRbacBuilder().getRulesBuilder();
    String name = rules.getPoliciesMap().keySet().iterator().next();
    var policy = rules.getPoliciesOrThrow(name).toBuilder();
    change.accept(policy);
    rules.putPolicies(name, policy.build());
  }

  private static void limit(Route.Builder route, Consumer<LocalRateLimit.Builder> change) {
    LocalRateLimit.Builder config =
        Weakened.unpack(route.getTypedPerFilterConfigOrThrow(RATE_LIMIT), LocalRateLimit.class)
            .toBuilder();
    change.accept(config);
    route.putTypedPerFilterConfig(RATE_LIMIT, Any.pack(config.build()));
  }

  private static void tls(
      FilterChain.Builder chain, Consumer<DownstreamTlsContext.Builder> change) {
    DownstreamTlsContext.Builder context =
        Weakened.unpack(chain.getTransportSocket().getTypedConfig(), DownstreamTlsContext.class)
            .toBuilder();
    change.accept(context);
    chain.getTransportSocketBuilder().setTypedConfig(Any.pack(context.build()));
  }

  private static Listener listener() {
    return Weakened.get(
        Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", Listener.class);
  }

  private static RouteConfiguration routes() {
    return Weakened.get(
        Weakened.guardedIngress(), ResourceType.ROUTE, HOST, RouteConfiguration.class);
  }

  private static int index(Listener.Builder listener) {
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      if (listener.getFilterChains(i).getName().equals(HOST)) {
        return i;
      }
    }
    throw new AssertionError(HOST);
  }

  private static FilterChain.Builder chain(Listener.Builder listener) {
    return listener.getFilterChainsBuilder(index(listener));
  }
}
