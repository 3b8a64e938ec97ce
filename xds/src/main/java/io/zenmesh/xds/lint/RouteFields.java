package io.zenmesh.xds.lint;

import java.util.Set;

/** The fields of routes in somebody's own file that lead around neither processor nor gate. */
final class RouteFields {
  static final Set<String> CONFIGURATION =
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
  static final Set<String> HOST =
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
  static final Set<String> ROUTE =
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
  static final Set<String> ACTION =
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
  static final Set<String> MATCH =
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
  static final Set<String> WEIGHTED =
      Set.of("clusters", "header_name", "runtime_key_prefix", "total_weight");
  static final Set<String> WEIGHT =
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

  private RouteFields() {}
}
