package io.zenmesh.xds.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges the way to the processor: whoever can answer in its place can vouch for any request, so it
 * is a Unix socket, or TLS to an exact name. It is an allow list: a field that is not known to be
 * harmless is a finding.
 */
final class ProcessorClusterLint {
  private static final String FIX =
      "use a Unix socket, or TLS as 'zenctl envoy render --mode snippet --mtls HOST:PORT' prints it";
  private static final String OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  /** Which neither choose another server nor run anything on the way to it. */
  private static final Set<String> FIELDS =
      Set.of(
          "alt_stat_name",
          "circuit_breakers",
          "common_http_protocol_options",
          "common_lb_config",
          "connect_timeout",
          "dns_failure_refresh_rate",
          "dns_jitter",
          "dns_lookup_family",
          "dns_refresh_rate",
          "health_checks",
          "http2_protocol_options",
          "ignore_health_on_host_removal",
          "lb_policy",
          "load_assignment",
          "max_requests_per_connection",
          "metadata",
          "name",
          "outlier_detection",
          "per_connection_buffer_limit_bytes",
          "preconnect_policy",
          "respect_dns_ttl",
          "track_cluster_stats",
          "track_timeout_budgets",
          "transport_socket",
          "type",
          "typed_extension_protocol_options",
          "upstream_connection_options",
          "wait_for_warm_on_init");

  /** Those that take their servers from the load assignment, by name and by number. */
  private static final Set<String> TYPES = Set.of("STATIC", "STRICT_DNS", "0", "1");

  private static final Set<String> OPTION_FIELDS =
      Set.of("common_http_protocol_options", "explicit_http_config");
  private static final Set<String> LOCALITY_FIELDS =
      Set.of("lb_endpoints", "load_balancing_weight", "locality", "priority");
  private static final Set<String> LB_ENDPOINT_FIELDS =
      Set.of("endpoint", "health_status", "load_balancing_weight", "metadata");

  private final EnvoyFile file;
  private final Findings findings;

  ProcessorClusterLint(EnvoyFile file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  /**
   * @param name where the processor's filter names the cluster
   */
  void lint(Place name) {
    Optional<Place> found = name.text().map(file.clusters()::get).filter(it -> it != null);
    if (found.isEmpty()) {
      findings.add(
          name, "a cluster that is not in this file (expected: the processor's)", Findings.PASTE);
      return;
    }
    Place cluster = found.get();
    only(cluster, FIELDS, "cluster");
    cluster
        .get("type")
        .filter(type -> !type.isUnset() && type.text().filter(TYPES::contains).isEmpty())
        .ifPresent(type ->
            findings.add(
                type,
                "may lead to servers that are not in this file (expected: STATIC or STRICT_DNS)",
                FIX));
    cluster.get("typed_extension_protocol_options").ifPresent(this::options);
    List<Place> addresses = addresses(cluster);
    Optional<Place> socket = cluster.get("transport_socket").filter(it -> !it.isUnset());
    if (socket.isPresent()) {
      new ProcessorTlsLint(file, findings, FIX).lint(socket.get());
    } else if (!pipes(addresses)) {
      findings.add(
          cluster,
          "the processor is asked in the clear (expected: a Unix socket, or TLS to an exact name)",
          FIX);
    }
  }

  /** HTTP filters of the cluster could answer in the processor's place. */
  private void options(Place options) {
    for (Map.Entry<String, Place> entry : options.entries().entrySet()) {
      Place config = entry.getValue();
      if (config.type().equals(OPTIONS)) {
        only(config.typed(), OPTION_FIELDS, "HTTP options");
      } else {
        findings.add(config, "not known to be harmless (expected: " + OPTIONS + ")", FIX);
      }
    }
  }

  private List<Place> addresses(Place cluster) {
    List<Place> addresses = new ArrayList<>();
    Optional<Place> assignment = cluster.get("load_assignment");
    assignment.ifPresent(it -> only(it, Set.of("cluster_name", "endpoints"), "load assignment"));
    for (Place locality : assignment.map(it -> it.items("endpoints")).orElse(List.of())) {
      only(locality, LOCALITY_FIELDS, "locality");
      for (Place member : locality.items("lb_endpoints")) {
        only(member, LB_ENDPOINT_FIELDS, "server");
        Optional<Place> endpoint = member.get("endpoint");
        endpoint.ifPresent(it -> only(it, Set.of("address", "hostname"), "server"));
        Place address = endpoint.flatMap(it -> it.get("address")).orElse(member);
        only(address, Set.of("endpoint", "pipe", "socket_address"), "address");
        addresses.add(address);
      }
    }
    return addresses;
  }

  private void only(Place place, Set<String> fields, String what) {
    findings.onlyFields(place, fields, "the processor's " + what);
  }

  private static boolean pipes(List<Place> addresses) {
    return !addresses.isEmpty()
        && addresses.stream()
            .allMatch(address ->
                // An abstract socket, which begins with @, has no file mode.
                address.get("pipe").map(pipe -> pipe.text("path")).orElse("").startsWith("/"));
  }
}
