package io.zenmesh.xds.lint;

import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Judges what processor and gate are on each route after all per-route configuration: of the route
 * configuration, the virtual host, the route and its weighted clusters.
 */
final class EffectiveRoutes {
  private static final ExtProcPerRoute OUTCOME =
      (ExtProcPerRoute) References.load("outcome-override", ExtProcPerRoute.newBuilder());
  private static final String PER_ROUTE =
      "envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute";

  private static final Set<String> CONFIGURATION_FIELDS =
      Set.of(
          "ignore_path_parameters_in_path_matching",
          "ignore_port_in_host_matching",
          "internal_only_headers",
          "max_direct_response_body_size_bytes",
          "metadata",
          "most_specific_header_mutations_wins",
          "name",
          "request_headers_to_add",
          "request_headers_to_remove",
          "response_headers_to_add",
          "response_headers_to_remove",
          "typed_per_filter_config",
          "validate_clusters",
          "virtual_hosts");
  private static final Set<String> HOST_FIELDS =
      Set.of(
          "cors",
          "domains",
          "include_attempt_count_in_response",
          "include_request_attempt_count",
          "metadata",
          "name",
          "per_request_buffer_limit_bytes",
          "rate_limits",
          "request_headers_to_add",
          "request_headers_to_remove",
          "require_tls",
          "response_headers_to_add",
          "response_headers_to_remove",
          "retry_policy",
          "routes",
          "typed_per_filter_config");
  private static final Set<String> ROUTE_FIELDS =
      Set.of(
          "decorator",
          "match",
          "metadata",
          "name",
          "per_request_buffer_limit_bytes",
          "request_headers_to_add",
          "request_headers_to_remove",
          "response_headers_to_add",
          "response_headers_to_remove",
          "route",
          "stat_prefix",
          "tracing",
          "typed_per_filter_config");
  private static final Set<String> ACTION_FIELDS =
      Set.of(
          "append_x_forwarded_host",
          "auto_host_rewrite",
          "cluster",
          "cluster_not_found_response_code",
          "cors",
          "flush_timeout",
          "hash_policy",
          "host_rewrite_literal",
          "idle_timeout",
          "include_vh_rate_limits",
          "max_stream_duration",
          "metadata_match",
          "path_rewrite",
          "prefix_rewrite",
          "priority",
          "rate_limits",
          "regex_rewrite",
          "retry_policy",
          "timeout",
          "weighted_clusters");
  private static final Set<String> MATCH_FIELDS =
      Set.of(
          "case_sensitive",
          "filter_state",
          "grpc",
          "headers",
          "path",
          "path_separated_prefix",
          "prefix",
          "query_parameters",
          "runtime_fraction",
          "safe_regex",
          "tls_context");
  private static final Set<String> WEIGHTED_FIELDS =
      Set.of("clusters", "header_name", "runtime_key_prefix", "total_weight");
  private static final Set<String> WEIGHT_FIELDS =
      Set.of(
          "host_rewrite_literal",
          "metadata_match",
          "name",
          "request_headers_to_add",
          "request_headers_to_remove",
          "response_headers_to_add",
          "response_headers_to_remove",
          "typed_per_filter_config",
          "weight");

  private final String processor;
  private final String gate;
  private final Findings findings;
  private final Set<String> upstreams = new HashSet<>();

  /**
   * @param processor the name of the processor's filter, by which routes configure it
   * @param gate the name of the gate's filter
   */
  EffectiveRoutes(String processor, String gate, Findings findings) {
    this.processor = processor;
    this.gate = gate;
    this.findings = findings;
  }

  /** Judges a route configuration; returns the clusters that it leads to. */
  Set<String> lint(Place routes) {
    findings.onlyFields(routes, CONFIGURATION_FIELDS, "route configuration");
    headers(routes);
    overrides(routes);
    for (Place host : routes.items("virtual_hosts")) {
      findings.onlyFields(host, HOST_FIELDS, "virtual host");
      headers(host);
      overrides(host);
      host.items("routes").forEach(this::route);
    }
    return Set.copyOf(upstreams);
  }

  private void route(Place route) {
    if (route.get("direct_response").isPresent() || route.get("redirect").isPresent()) {
      // Answered by Envoy itself: nothing reaches an upstream.
      return;
    }
    findings.onlyFields(route, ROUTE_FIELDS, "route");
    route.get("match").ifPresent(it -> findings.onlyFields(it, MATCH_FIELDS, "route match"));
    headers(route);
    overrides(route);
    name(route);
    route
        .get("route")
        .ifPresent(action -> {
          findings.onlyFields(action, ACTION_FIELDS, "route action");
          action.get("cluster").flatMap(Place::text).ifPresent(upstreams::add);
          action.get("weighted_clusters").ifPresent(this::weighted);
        });
  }

  private void weighted(Place weighted) {
    findings.onlyFields(weighted, WEIGHTED_FIELDS, "weighted clusters");
    for (Place cluster : weighted.items("clusters")) {
      findings.onlyFields(cluster, WEIGHT_FIELDS, "weighted cluster");
      headers(cluster);
      overrides(cluster);
      cluster.get("name").flatMap(Place::text).ifPresent(upstreams::add);
    }
  }

  private void name(Place route) {
    String name = route.text("name");
    try {
      EndpointRef.parse(name);
    } catch (IllegalArgumentException e) {
      findings.add(
          route.get("name").orElse(route),
          "names no endpoint, so that the processor answers 404 (expected: tenant/endpoint)",
          "name the route as the endpoint is named in endpoints.yaml, such as acme/orders");
    }
  }

  /** All that may be said of the processor is that it sees the response; nothing of the gate. */
  private void overrides(Place holder) {
    Map<String, Place> overrides =
        holder.get("typed_per_filter_config").map(Place::entries).orElse(Map.of());
    overrides.forEach((filter, config) -> {
      String type = config.type();
      boolean outcome =
          filter.equals(processor) && type.equals(PER_ROUTE) && Findings.equals(config, OUTCOME);
      // Only the processor's filter reads the first; of a filter switched off nothing is known.
      boolean touches =
          filter.equals(processor)
              || filter.equals(gate)
              || type.startsWith("envoy.extensions.filters.http.ext_proc.");
      if (!outcome && touches) {
        findings.add(
            config,
            "changes filter "
                + filter
                + " on its routes by "
                + (type.isEmpty() ? "an unknown type" : type)
                + " (expected: nothing but the response shown to the processor)",
            "remove it");
      }
    });
    holder
        .get("per_filter_config")
        .ifPresent(old -> findings.add(old, "per_filter_config (expected: none)", "remove it"));
  }

  /** Nobody but the processor says what was verified. */
  private void headers(Place holder) {
    for (Place option : holder.items("request_headers_to_add")) {
      String key = option.get("header").map(header -> header.text("key")).orElse("");
      if (key.isEmpty()
          || key.regionMatches(true, 0, ResultHeaders.PREFIX, 0, ResultHeaders.PREFIX.length())) {
        findings.add(
            option,
            "sets a header under x-zen- (expected: only the processor does)",
            "remove it, or choose another name");
      }
    }
  }
}
