package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.config.route.v3.InternalRedirectPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeakerRouteTest {
  private static final String EXT_PROC = "envoy.filters.http.ext_proc";
  private static final String GATE = "envoy.filters.http.rbac";

  static Stream<Named<Consumer<Route.Builder>>> routes() {
    return Stream.of(
        Named.of(
            "ExtProcPerRoute.disabled",
            r -> perRoute(r, EXT_PROC, ExtProcPerRoute.newBuilder().setDisabled(true).build())),
        Named.of(
            "ExtProcPerRoute with body NONE",
            r ->
                perRoute(
                    r,
                    EXT_PROC,
                    ExtProcPerRoute.newBuilder()
                        .setOverrides(
                            ExtProcOverrides.newBuilder()
                                .setProcessingMode(ProcessingMode.getDefaultInstance()))
                        .build())),
        Named.of(
            "failure_mode_allow of newer Envoys",
            r ->
                perRoute(
                    r,
                    EXT_PROC,
                    ExtProcPerRoute.newBuilder()
                        .setOverrides(
                            ExtProcOverrides.newBuilder().setUnknownFields(Weakened.unknown()))
                        .build())),
        Named.of(
            "FilterConfig.disabled",
            r -> perRoute(r, EXT_PROC, FilterConfig.newBuilder().setDisabled(true).build())),
        Named.of(
            "FilterConfig.disabled on the gate",
            r -> perRoute(r, GATE, FilterConfig.newBuilder().setDisabled(true).build())),
        Named.of("empty RBACPerRoute", r -> perRoute(r, GATE, RBACPerRoute.getDefaultInstance())),
        Named.of(
            "per-route configuration of another filter",
            r -> perRoute(r, "any", RBACPerRoute.getDefaultInstance())),
        Named.of(
            "internal redirects",
            r ->
                r.getRouteBuilder()
                    .setInternalRedirectPolicy(InternalRedirectPolicy.getDefaultInstance())),
        Named.of(
            "retries", r -> r.getRouteBuilder().setRetryPolicy(RetryPolicy.getDefaultInstance())),
        Named.of("a prefix", r -> r.getMatchBuilder().setPrefix("/")),
        Named.of("another cluster", r -> r.getRouteBuilder().setCluster("zen_extproc")),
        Named.of("a cluster by header", r -> r.getRouteBuilder().setClusterHeader("x")),
        Named.of("no timeout", r -> r.getRouteBuilder().clearTimeout()),
        Named.of("timeout 16 s", r -> r.getRouteBuilder().getTimeoutBuilder().setSeconds(16)),
        Named.of(
            "a direct response",
            r -> r.setDirectResponse(DirectResponseAction.newBuilder().setStatus(200))),
        Named.of("a name that is no endpoint", r -> r.setName("anything")),
        Named.of("an endpoint of another tenant", r -> r.setName("globex/orders")),
        Named.of("a path twice", r -> r.getMatchBuilder().setPath("/acme/payments")));
  }

  @ParameterizedTest
  @MethodSource("routes")
  void E14_weakerRoute_isAFinding(Consumer<Route.Builder> change) {
    assertThat(
            lintRoutes(
                routes -> change.accept(routes.getVirtualHostsBuilder(0).getRoutesBuilder(0))))
        .isNotEmpty();
  }

  static Stream<Named<Consumer<RouteConfiguration.Builder>>> routeConfigurations() {
    Any disabled = Any.pack(ExtProcPerRoute.newBuilder().setDisabled(true).build());
    return Stream.of(
        Named.of("disabled for all", r -> r.putTypedPerFilterConfig(EXT_PROC, disabled)),
        Named.of(
            "disabled for a host",
            r -> r.getVirtualHostsBuilder(0).putTypedPerFilterConfig(EXT_PROC, disabled)),
        Named.of("every host", r -> r.getVirtualHostsBuilder(0).setDomains(0, "*")),
        Named.of(
            "any host of a domain",
            r -> r.getVirtualHostsBuilder(0).setName("*.test").setDomains(0, "*.test")),
        Named.of(
            "a host without a name",
            r -> r.addVirtualHosts(VirtualHost.newBuilder().addDomains("*"))),
        Named.of("another name", r -> r.setName("other")));
  }

  @ParameterizedTest
  @MethodSource("routeConfigurations")
  void E14_weakerRouteConfiguration_isAFinding(Consumer<RouteConfiguration.Builder> change) {
    assertThat(lintRoutes(change)).isNotEmpty();
  }

  private static void perRoute(Route.Builder route, String filter, Message config) {
    route.putTypedPerFilterConfig(filter, Any.pack(config));
  }

  private static List<Finding> lintRoutes(Consumer<RouteConfiguration.Builder> change) {
    RouteConfiguration.Builder routes =
        Weakened.get(Weakened.ingress(), ResourceType.ROUTE, "ingress", RouteConfiguration.class)
            .toBuilder();
    change.accept(routes);
    return Weakened.lint(Weakened.ingress(), ResourceType.ROUTE, "ingress", routes.build());
  }
}
