package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.resource.ProofGate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges one HTTP connection manager that is meant to ask the processor: what runs before it, the
 * processor, the gate directly after, what runs behind, and what can lead around them.
 */
final class ChainLint {
  private static final String EXT_PROC =
      "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor";
  private static final String RBAC_TYPE = "envoy.extensions.filters.http.rbac.v3.RBAC";
  private static final String ROUTER = "envoy.extensions.filters.http.router.v3.Router";

  private static final HttpConnectionManager REFERENCE = manager();

  /** Answer or wait, but write no metadata of a name of their own and change no route. */
  private static final Set<String> HARMLESS =
      Set.of(
          "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
          "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
          RBAC_TYPE,
          "envoy.extensions.filters.http.cors.v3.Cors",
          "envoy.extensions.filters.http.csrf.v3.CsrfPolicy",
          "envoy.extensions.filters.http.fault.v3.HTTPFault",
          "envoy.extensions.filters.http.bandwidth_limit.v3.BandwidthLimit",
          "envoy.extensions.filters.http.health_check.v3.HealthCheck");

  private static final Set<String> MANAGER_FIELDS =
      Set.of(
          "access_log",
          "access_log_flush_interval",
          "access_log_options",
          "add_proxy_protocol_connection_state",
          "add_user_agent",
          "always_set_request_id_in_response",
          "append_local_overload",
          "append_x_forwarded_port",
          "codec_type",
          "common_http_protocol_options",
          "delayed_close_timeout",
          "drain_timeout",
          "early_header_mutation_extensions",
          "flush_access_log_on_new_request",
          "forward_client_cert_details",
          "generate_request_id",
          "http2_protocol_options",
          "http3_protocol_options",
          "http_filters",
          "http_protocol_options",
          "internal_address_config",
          "local_reply_config",
          "max_request_headers_kb",
          "merge_slashes",
          "normalize_path",
          "original_ip_detection_extensions",
          "path_with_escaped_slashes_action",
          "preserve_external_request_id",
          "proxy_100_continue",
          "proxy_status_config",
          "rds",
          "represent_ipv4_remote_address_as_ipv4_mapped_ipv6",
          "request_headers_timeout",
          "request_id_extension",
          "request_timeout",
          "route_config",
          "scheme_header_transformation",
          "server_header_transformation",
          "server_name",
          "set_current_client_cert_details",
          "skip_xff_append",
          "stat_prefix",
          "stream_error_on_invalid_http_message",
          "stream_flush_timeout",
          "stream_idle_timeout",
          "strip_any_host_port",
          "strip_matching_host_port",
          "strip_trailing_host_dot",
          "tracing",
          "use_remote_address",
          "via",
          "xff_num_trusted_hops");

  private final EnvoyFile file;
  private final Findings findings;

  ChainLint(EnvoyFile file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  /** Whether somebody meant the processor to be asked here, whatever came of it. */
  static boolean meant(Place manager) {
    return manager.mentions("ext_proc")
        || manager.mentions("ExternalProcessor")
        || manager.mentions(ProofGate.NAMESPACE);
  }

  /** Judges the manager; returns the clusters that its routes lead to. */
  Set<String> lint(Place manager) {
    findings.onlyFields(manager, MANAGER_FIELDS, "connection manager");
    new ClientHeaderLint(REFERENCE, findings).lint(manager);
    List<Place> filters = manager.items("http_filters");
    int processor = -1;
    for (int i = 0; i < filters.size(); i++) {
      if (type(filters.get(i)).equals(EXT_PROC)) {
        processor = i;
        break;
      }
    }
    if (processor < 0) {
      findings.add(
          manager.get("http_filters").orElse(manager),
          "no external processor (expected: " + EXT_PROC + " in its own typed_config)",
          Findings.PASTE);
      return Set.of();
    }
    Place asked = filters.get(processor);
    plain(asked);
    asked.get("typed_config").ifPresent(this::processor);
    Optional<Place> gate = filters.stream().skip(processor + 1L).findFirst();
    boolean gated = gate(asked, gate);
    others(filters, processor, gated);
    return routes(manager)
        .map(it ->
            new EffectiveRoutes(
                    asked.text("name"), gate.map(g -> g.text("name")).orElse(""), findings)
                .lint(it))
        .orElse(Set.of());
  }

  /** Judges what stands directly after the processor; returns whether it is a gate at all. */
  private boolean gate(Place asked, Optional<Place> next) {
    Optional<Place> gate = next.filter(it -> type(it).equals(RBAC_TYPE));
    if (gate.isEmpty()) {
      findings.add(
          next.orElse(asked),
          "no proof gate directly after the processor (expected: the RBAC filter on "
              + ProofGate.NAMESPACE
              + ")",
          Findings.PASTE);
      return false;
    }
    plain(gate.get());
    findings.equal(gate.get().get("typed_config").orElse(gate.get()), filter(RBAC.class), Map.of());
    return true;
  }

  private static String type(Place filter) {
    return filter.get("typed_config").map(Place::type).orElse("");
  }

  /** A filter that always runs, and is what the file says. */
  private void plain(Place filter) {
    for (Map.Entry<String, Place> field : filter.fields().entrySet()) {
      boolean off = field.getValue().text().filter(text -> text.equals("false")).isPresent();
      if (!Set.of("name", "typed_config").contains(field.getKey()) && !off) {
        findings.add(
            field.getValue(),
            "filter field " + field.getKey() + " (expected: only name and typed_config)",
            "remove it");
      }
    }
  }

  private void processor(Place config) {
    findings.equal(
        config,
        filter(ExternalProcessor.class),
        Map.of(
            "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.message_timeout",
            Rule.duration(Durations.fromMillis(500), Durations.fromSeconds(2)),
            "envoy.config.core.v3.GrpcService.EnvoyGrpc.cluster_name",
            Rule.text(name -> !name.isEmpty(), "a cluster")));
    config
        .typed()
        .get("grpc_service", "envoy_grpc", "cluster_name")
        .ifPresent(name -> new ProcessorClusterLint(file, findings).lint(name));
  }

  /** Every other filter, by an allow list; the router last. */
  private void others(List<Place> filters, int processor, boolean gated) {
    for (int i = 0; i < filters.size(); i++) {
      boolean router = i == filters.size() - 1 && type(filters.get(i)).equals(ROUTER);
      boolean ours = i == processor || (gated && i == processor + 1);
      if (!ours && !router && !HARMLESS.contains(type(filters.get(i)))) {
        findings.add(
            filters.get(i),
            "filter "
                + type(filters.get(i))
                + " is not known to leave proof and route alone (expected: one of "
                + String.join(", ", HARMLESS.stream().sorted().map(ChainLint::shortName).toList())
                + ", and the router last)",
            "move it to another listener, or remove it");
      }
    }
  }

  private static String shortName(String type) {
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private Optional<Place> routes(Place manager) {
    if (manager.get("route_config").isPresent()) {
      return manager.get("route_config");
    }
    String name = manager.get("rds").map(rds -> rds.text("route_config_name")).orElse("");
    Optional<Place> found = Optional.ofNullable(file.routes().get(name));
    if (found.isEmpty()) {
      findings.add(
          manager.get("rds").orElse(manager),
          "routes that are not in this file (expected: route_config, or a config dump)",
          "lint the running Envoy: GET /config_dump from its admin interface");
    }
    return found;
  }

  private static HttpConnectionManager manager() {
    Listener listener = (Listener) References.load("ingress-listener", Listener.newBuilder());
    try {
      return listener
          .getFilterChains(0)
          .getFilters(0)
          .getTypedConfig()
          .unpack(HttpConnectionManager.class);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("ingress-listener: (expected: a connection manager)", e);
    }
  }

  /** The reference's filter of a type; of several, the gate. */
  private static <T extends Message> T filter(Class<T> type) {
    for (HttpFilter filter : REFERENCE.getHttpFiltersList().reversed()) {
      try {
        if (filter.getTypedConfig().is(type)) {
          return filter.getTypedConfig().unpack(type);
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(filter.getName(), e);
      }
    }
    throw new IllegalStateException(type + ": missing (expected: in ingress-listener)");
  }
}
