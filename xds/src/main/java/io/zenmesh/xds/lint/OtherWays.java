package io.zenmesh.xds.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what leads somewhere without asking the processor: whether it may lead to where verified
 * requests go. An allow list: a filter that is not known may lead anywhere.
 */
final class OtherWays {
  static final String TCP_PROXY = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";

  private static final String DUMP =
      "lint the running Envoy: GET /config_dump from its admin interface";
  private static final String ASK =
      "ask the processor here too, or give verified requests a cluster and servers of their own";

  /** Answer, count or refuse, and lead nowhere. */
  private static final Set<String> NETWORK =
      Set.of(
          "envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit",
          "envoy.extensions.filters.network.direct_response.v3.Config",
          "envoy.extensions.filters.network.echo.v3.Echo",
          "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz",
          "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit",
          "envoy.extensions.filters.network.ratelimit.v3.RateLimit",
          "envoy.extensions.filters.network.rbac.v3.RBAC");

  /** Look at the connection, and send it nowhere. */
  private static final Set<String> LISTENER =
      Set.of(
          "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector",
          "envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit",
          "envoy.extensions.filters.listener.original_dst.v3.OriginalDst",
          "envoy.extensions.filters.listener.original_src.v3.OriginalSrc",
          "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
          "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector");

  private static final Set<String> CHAIN_FIELDS =
      Set.of(
          "filter_chain_match",
          "filters",
          "metadata",
          "name",
          "transport_socket",
          "transport_socket_connect_timeout",
          "use_proxy_proto");

  private static final Set<String> TCP_FIELDS =
      Set.of(
          "access_log",
          "access_log_flush_interval",
          "access_log_options",
          "backoff_options",
          "cluster",
          "downstream_idle_timeout",
          "flush_access_log_on_connected",
          "hash_policy",
          "idle_timeout",
          "max_connect_attempts",
          "max_downstream_connection_duration",
          "metadata_match",
          "stat_prefix",
          "tunneling_config",
          "upstream_idle_timeout",
          "weighted_clusters");

  /** Run no code of the user's, and send requests only to clusters that they name. */
  private static final Set<String> HTTP =
      Set.of(
          "adaptive_concurrency.v3.AdaptiveConcurrency",
          "admission_control.v3.AdmissionControl",
          "api_key_auth.v3.ApiKeyAuth",
          "bandwidth_limit.v3.BandwidthLimit",
          "basic_auth.v3.BasicAuth",
          "buffer.v3.Buffer",
          "cdn_loop.v3.CdnLoopConfig",
          "compressor.v3.Compressor",
          "cors.v3.Cors",
          "csrf.v3.CsrfPolicy",
          "decompressor.v3.Decompressor",
          "ext_authz.v3.ExtAuthz",
          "fault.v3.HTTPFault",
          "grpc_http1_bridge.v3.Config",
          "grpc_json_transcoder.v3.GrpcJsonTranscoder",
          "grpc_stats.v3.FilterConfig",
          "grpc_web.v3.GrpcWeb",
          "header_mutation.v3.HeaderMutation",
          "header_to_metadata.v3.Config",
          "health_check.v3.HealthCheck",
          "ip_tagging.v3.IPTagging",
          "jwt_authn.v3.JwtAuthentication",
          "local_ratelimit.v3.LocalRateLimit",
          "oauth2.v3.OAuth2",
          "ratelimit.v3.RateLimit",
          "rbac.v3.RBAC",
          "router.v3.Router",
          "set_metadata.v3.Config",
          "stateful_session.v3.StatefulSession");

  private static final String HTTP_PREFIX = "envoy.extensions.filters.http.";

  private final EnvoyFile file;
  private final Upstreams upstreams;
  private final Findings findings;

  OtherWays(EnvoyFile file, Upstreams upstreams, Findings findings) {
    this.file = file;
    this.upstreams = upstreams;
    this.findings = findings;
  }

  /** Judges what of a listener is no filter chain. */
  void listener(Place listener) {
    findings.onlyFields(listener, EnvoyFile.LISTENER_FIELDS, "listener");
    for (Place filter : listener.items("listener_filters")) {
      String type = filter.get("typed_config").map(Place::type).orElse("");
      if (!LISTENER.contains(type)) {
        findings.add(
            filter,
            "listener filter "
                + named(filter, type)
                + " is not known to leave connections where they are (expected: one of "
                + names(LISTENER)
                + ")",
            "remove it, or move the listener to another Envoy");
      }
    }
  }

  /** Judges what of a filter chain is no filter. */
  void chain(Place chain) {
    findings.onlyFields(chain, CHAIN_FIELDS, "filter chain");
  }

  /**
   * Judges a network filter that is no connection manager behind a gate, or what stands for one.
   *
   * @param beside whether another chain of the same listener asks the processor
   */
  void lint(Place filter, boolean beside) {
    Optional<Place> config = filter.get("typed_config");
    String type = config.map(Place::type).orElse("");
    switch (type) {
      case EnvoyFile.MANAGER -> manager(config.orElseThrow().typed());
      case TCP_PROXY -> tcp(filter, config.orElseThrow().typed(), beside);
      default -> {
        if (!NETWORK.contains(type)) {
          unknown(filter, type, beside);
        }
      }
    }
  }

  /** Notes what is no filter that is known. */
  void unknown(Place filter, String type, boolean beside) {
    findings.add(
        filter,
        "network filter "
            + named(filter, type)
            + " may lead anywhere, around the processor (expected: HttpConnectionManager, "
            + (beside ? "" : "TcpProxy to a cluster of its own, ")
            + names(NETWORK)
            + ")",
        "remove it, or move the listener to another Envoy");
  }

  private void tcp(Place filter, Place config, boolean beside) {
    findings.onlyFields(config, TCP_FIELDS, "tcp_proxy");
    if (beside) {
      // The client chooses the chain, by its SNI or ALPN; what it then sends, nobody reads.
      findings.add(
          filter,
          "tcp_proxy beside a connection manager that asks the processor (expected: none in this"
              + " listener)",
          "give it a listener of its own, to other servers than those of verified requests");
    }
    ways(config);
  }

  /** Judges a connection manager of which nothing says that the processor was meant. */
  void manager(Place manager) {
    List<Place> filters = new ArrayList<>(manager.items("http_filters"));
    manager.items("upgrade_configs").forEach(it -> filters.addAll(it.items("filters")));
    for (Place filter : filters) {
      String type = filter.get("typed_config").map(Place::type).orElse("");
      boolean known =
          type.startsWith(HTTP_PREFIX) && HTTP.contains(type.substring(HTTP_PREFIX.length()));
      if (!known && filter.get("config_discovery").isEmpty()) {
        findings.add(
            filter,
            "filter "
                + named(filter, type)
                + " may send requests anywhere, around the processor (expected: a filter of"
                + " Envoy's that runs no code and chooses no cluster)",
            "remove it, or move the listener to another Envoy");
      }
    }
    ways(manager);
    Optional<Place> routes = file.routesOf(manager);
    routes.filter(it -> manager.get("route_config").isEmpty()).ifPresent(this::ways);
    if (routes.isEmpty()) {
      elsewhere(manager.get("rds").or(() -> manager.get("scoped_routes")).orElse(manager));
    }
  }

  private void ways(Place place) {
    for (String name : List.of("config_discovery", "vhds")) {
      place.fieldsNamed(name).forEach(this::elsewhere);
    }
    for (String name :
        List.of("cluster_header", "cluster_specifier_plugin", "inline_cluster_specifier_plugin")) {
      for (Place chosen : place.fieldsNamed(name)) {
        findings.add(
            chosen,
            name + " leads to any cluster, around the processor (expected: clusters by name)",
            "name the cluster, or ask the processor here too");
      }
    }
    List<Place> named = new ArrayList<>(place.fieldsNamed("cluster"));
    for (Place weighted : place.fieldsNamed("weighted_clusters")) {
      weighted.items("clusters").forEach(it -> it.get("name").ifPresent(named::add));
    }
    // Wherever else a filter may name them.
    upstreams.names().forEach(upstream -> named.addAll(place.occurrences(upstream)));
    for (Place name : named) {
      name.text()
          .filter(text -> !text.isEmpty())
          .flatMap(upstreams::around)
          .ifPresent(problem -> findings.add(name, problem, ASK));
    }
  }

  private void elsewhere(Place place) {
    findings.add(
        place,
        "leads to what is not in this file, perhaps around the processor (expected: all of it)",
        DUMP);
  }

  private static String named(Place filter, String type) {
    return type.isEmpty() ? "'" + filter.text("name") + "' without typed_config" : type;
  }

  private static String names(Set<String> types) {
    return String.join(
        ", ",
        types.stream()
            .map(type -> type.replaceFirst("envoy\\.extensions\\.filters\\.[a-z]+\\.", ""))
            .sorted()
            .toList());
  }
}
