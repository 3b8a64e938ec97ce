package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Beside a good listener: every other way to the upstreams is found, and none that is no way. */
class OtherWaysTest {
  private static final String GOOD = OwnEnvoys.bootstrap();
  private static final String UPSTREAM = "upstream/acme/orders";
  private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.";
  private static final String SITE =
      "{name: site, type: STATIC, load_assignment: {cluster_name: site, endpoints: [{lb_endpoints:"
          + " [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8081}}}}]}]}}";

  private static List<String> lint(String text) {
    return EnvoyLinter.lint(text).stream().map(EnvoyFinding::toString).toList();
  }

  private static String tcp(String more) {
    return "{name: tcp, typed_config: {"
        + TYPE
        + "filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, "
        + more
        + "}}";
  }

  private static String manager(String more) {
    return "{name: hcm, typed_config: {" + managerConfig(more) + "}}";
  }

  private static String managerConfig(String more) {
    return TYPE
        + "filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, "
        + more;
  }

  private static String routes(String action) {
    return "route_config: {virtual_hosts: [{name: s, domains: [\"*\"], routes: [{match: {prefix:"
        + " /}, route: {"
        + action
        + "}}]}]}";
  }

  private static String network(String type) {
    return "{name: other, typed_config: {" + TYPE + "filters.network." + type + "}}";
  }

  private static String http(String type) {
    return "http_filters: [{name: f, typed_config: {" + TYPE + "filters.http." + type + "}}], ";
  }

  private static String cluster(String more) {
    return "{name: other, " + more + "}";
  }

  private static String at(String address) {
    return "load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {"
        + address
        + "}}}]}]}";
  }

  /** A listener of its own with this filter. */
  private static String listener(String filters) {
    return "{name: side, filter_chains: [{filters: [" + filters + "]}]}";
  }

  private static String with(String listener, String... clusters) {
    StringBuilder more = new StringBuilder("  clusters:\n    - " + SITE + "\n");
    for (String cluster : clusters) {
      more.append("    - ").append(cluster).append('\n');
    }
    return GOOD.replace("  clusters:\n", "    - " + listener + "\n" + more);
  }

  static Stream<Arguments> ways() {
    String toOther = manager(routes("cluster: other"));
    return Stream.of(
        way(
            "tcp_proxy to an upstream",
            listener(tcp("cluster: " + UPSTREAM)),
            "a way to " + UPSTREAM),
        way(
            "tcp_proxy with weights",
            listener(
                tcp(
                    "weighted_clusters: {clusters: [{name: site, weight: 1}, {name: "
                        + UPSTREAM
                        + ", weight: 1}]}")),
            "a way to " + UPSTREAM),
        way(
            "tcp_proxy with a field that is not known",
            listener(tcp("cluster: site, cluster_by: x")),
            "tcp_proxy field cluster_by"),
        way(
            "sni_cluster",
            listener(network("sni_cluster.v3.SniCluster") + ", " + tcp("cluster: site")),
            "sni_cluster.v3.SniCluster may lead anywhere"),
        way(
            "sni_dynamic_forward_proxy",
            listener(
                network("sni_dynamic_forward_proxy.v3.FilterConfig") + ", " + tcp("cluster: site")),
            "sni_dynamic_forward_proxy.v3.FilterConfig may lead anywhere"),
        way(
            "cluster of tcp_proxy by filter state",
            listener(network("set_filter_state.v3.Config") + ", " + tcp("cluster: site")),
            "set_filter_state.v3.Config may lead anywhere"),
        way(
            "a network filter that is not known",
            listener(network("generic_proxy.v3.GenericProxy")),
            "generic_proxy.v3.GenericProxy may lead anywhere"),
        way(
            "a network filter of no type",
            listener("{name: envoy.tcp_proxy}"),
            "without typed_config"),
        way(
            "a network filter from elsewhere",
            listener("{name: x, config_discovery: {type_urls: [a]}}"),
            "may lead anywhere"),
        way(
            "a listener filter that is not known",
            "{name: side, listener_filters: [{name: udp, typed_config: {"
                + TYPE
                + "filters.udp.udp_proxy.v3.UdpProxyConfig}}]}",
            "listener filter envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig"),
        way(
            "a listener field that is not known",
            "{name: side, fcds_config: {}}",
            "listener field fcds_config"),
        way(
            "a chain field that is not known",
            "{name: side, filter_chains: [{filters_from: x}]}",
            "filter chain field filters_from"),
        way(
            "a default chain",
            "{name: side, default_filter_chain: {filters: [" + tcp("cluster: " + UPSTREAM) + "]}}",
            "a way to " + UPSTREAM),
        way("a route", listener(manager(routes("cluster: " + UPSTREAM))), "a way to " + UPSTREAM),
        way(
            "a route by camel case",
            listener(
                manager(
                    "routeConfig: {virtualHosts: [{name: s, domains: [a], routes: [{match: {prefix:"
                        + " /}, route: {clusterHeader: x-c}}]}]}")),
            "cluster_header leads to any cluster"),
        way(
            "a mirror",
            listener(
                manager(
                    routes(
                        "cluster: site, request_mirror_policies: [{cluster: " + UPSTREAM + "}]"))),
            "a way to " + UPSTREAM),
        way(
            "a cluster by header",
            listener(manager(routes("cluster_header: x-c"))),
            "cluster_header leads to any cluster"),
        way(
            "a cluster by plug-in",
            listener(manager(routes("inline_cluster_specifier_plugin: {}"))),
            "inline_cluster_specifier_plugin leads to any cluster"),
        way(
            "routes from elsewhere",
            listener(manager("rds: {route_config_name: r}")),
            "leads to what is not in this file"),
        way(
            "hosts from elsewhere",
            listener(manager("route_config: {vhds: {}}")),
            "leads to what is not in this file"),
        way(
            "a filter that runs code",
            listener(manager(http("lua.v3.Lua") + routes("cluster: site"))),
            "lua.v3.Lua may send requests anywhere"),
        way(
            "a filter that chooses the address",
            listener(
                manager(http("dynamic_forward_proxy.v3.FilterConfig") + routes("cluster: site"))),
            "dynamic_forward_proxy.v3.FilterConfig may send requests anywhere"),
        way(
            "a filter of an upgrade",
            listener(
                manager(
                    "upgrade_configs: [{upgrade_type: CONNECT, filters: [{name: w, typed_config: {"
                        + TYPE
                        + "filters.http.wasm.v3.Wasm}}]}], "
                        + routes("cluster: site"))),
            "wasm.v3.Wasm may send requests anywhere"),
        way(
            "an api_listener",
            "{name: side, api_listener: {api_listener: {"
                + managerConfig(routes("cluster: " + UPSTREAM))
                + "}}}",
            "a way to " + UPSTREAM),
        way(
            "an api_listener that is not known",
            "{name: side, api_listener: {api_listener: {" + TYPE + "x.v3.Mobile}}}",
            "x.v3.Mobile may lead anywhere"),
        way("a cluster that is not there", listener(tcp("cluster: nowhere")), "not in this file"),
        Arguments.of(
            "an aggregate",
            listener(toOther),
            cluster(
                "cluster_type: {name: envoy.clusters.aggregate, typed_config: {"
                    + TYPE
                    + "clusters.aggregate.v3.ClusterConfig, clusters: [site, "
                    + UPSTREAM
                    + "]}}"),
            "through the aggregate other a way to " + UPSTREAM),
        Arguments.of(
            "an aggregate of what is not there",
            listener(toOther),
            cluster(
                "cluster_type: {name: a, typed_config: {"
                    + TYPE
                    + "clusters.aggregate.v3.ClusterConfig, clusters: [site, gone]}}"),
            "through the aggregate other a way to gone, a cluster that is not in this file"),
        Arguments.of(
            "an original destination",
            listener(tcp("cluster: other")),
            cluster("type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED"),
            "a way through other to any address"),
        Arguments.of(
            "an original destination by number",
            listener(tcp("cluster: other")),
            cluster("type: 4"),
            "a way through other to any address"),
        Arguments.of(
            "a dynamic forward proxy",
            listener(toOther),
            cluster(
                "cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {"
                    + TYPE
                    + "clusters.dynamic_forward_proxy.v3.ClusterConfig}}"),
            "a way through other to any address"),
        Arguments.of(
            "a cluster type that is not known",
            listener(toOther),
            cluster("cluster_type: {name: own}"),
            "a way through other to any address"),
        Arguments.of(
            "the same address by another name",
            listener(toOther),
            cluster(
                "type: STATIC, " + at("socket_address: {address: 127.0.0.1, port_value: 8080}")),
            "a way to 127.0.0.1:8080, which is upstream/acme/"),
        sameAddress("::ffff:127.0.0.1"),
        sameAddress("::FFFF:7f00:1"),
        sameAddress("0.0.0.0"));
  }

  private static Arguments sameAddress(String address) {
    return Arguments.of(
        "the same address as " + address,
        listener(manager(routes("cluster: other"))),
        cluster(
            "type: STATIC, "
                + at("socket_address: {address: \"" + address + "\", port_value: 8080}")),
        "a way to 127.0.0.1:8080, which is upstream/acme/");
  }

  private static Arguments way(String what, String listener, String said) {
    return Arguments.of(what, listener, SITE, said);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("ways")
  void E14_otherWayToAnUpstream_isFound(String what, String listener, String cluster, String said) {
    assertThat(EnvoyLinter.lint(with(listener, cluster.replace("name: site,", "name: unused,"))))
        .anySatisfy(finding -> {
          assertThat(finding.problem()).contains(said);
          assertThat(finding.path()).startsWith("static_resources.listeners[1]");
          assertThat(finding.at().line()).isGreaterThan(200);
          assertThat(finding.fix()).isNotEmpty();
        });
  }

  @Test
  void E14_sameEdsService_isFound() {
    String eds = "type: EDS, eds_cluster_config: {service_name: orders}";
    int at = GOOD.indexOf("    - name: \"upstream/acme/orders\"\n      type: \"STATIC\"");
    assertThat(at).isPositive();
    String byEds =
        GOOD.replace(
            "    - name: \"upstream/acme/orders\"\n      type: \"STATIC\"",
            "    - name: \"upstream/acme/orders\"\n      " + eds.replace(", eds", "\n      eds"));
    String more = "    - " + listener(manager(routes("cluster: other"))) + "\n  clusters:\n    - ";
    assertThat(lint(byEds.replace("  clusters:\n", more + cluster(eds) + "\n")))
        .singleElement()
        .asString()
        .contains("a way to EDS service orders, which is upstream/acme/orders");
  }

  @Test
  void E14_chainBesideTheManager_isFound() {
    String before = "      filter_chains:\n";
    for (String filter :
        List.of(
            tcp("cluster: site"),
            network("sni_cluster.v3.SniCluster"),
            "{name: envoy.filters.network.redis_proxy}")) {
      String text =
          with("{name: empty}")
              .replaceFirst(before, before + "        - filters: [" + filter + "]\n");
      assertThat(EnvoyLinter.lint(text))
          .singleElement()
          .satisfies(finding ->
              assertThat(finding.path())
                  .isEqualTo("static_resources.listeners[0].filter_chains[0].filters[0]"));
    }
  }

  @Test
  void E14_filterBeforeTheManager_isFound() {
    String before = "        - filters:\n";
    for (String filter : List.of(network("sni_cluster.v3.SniCluster"), tcp("cluster: site"))) {
      assertThat(
              lint(
                  with("{name: empty}")
                      .replaceFirst(before, before + "            - " + filter + "\n")))
          .singleElement()
          .asString()
          .contains("listeners[0].filter_chains[0].filters[0]");
    }
    assertThat(
            lint(
                with("{name: empty}")
                    .replaceFirst(
                        before, before + "            - " + network("rbac.v3.RBAC") + "\n")))
        .isEmpty();
  }

  static Stream<String> harmless() {
    return Stream.of(
        listener(
            manager("upgrade_configs: [{upgrade_type: websocket}], " + routes("cluster: site"))),
        listener(manager(http("jwt_authn.v3.JwtAuthentication") + routes("cluster: site"))),
        listener(network("rbac.v3.RBAC") + ", " + tcp("cluster: site")),
        listener(network("echo.v3.Echo")),
        "{name: side, api_listener: {api_listener: {"
            + managerConfig(routes("cluster: site"))
            + "}}}",
        "{name: side, listener_filters: [{name: t, typed_config: {"
            + TYPE
            + "filters.listener.tls_inspector.v3.TlsInspector}}]}");
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void listenerThatLeadsElsewhere_hasNoFinding(String listener) {
    assertThat(lint(with(listener))).isEmpty();
  }
}
