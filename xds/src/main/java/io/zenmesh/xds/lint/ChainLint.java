package io.zenmesh.xds.lint;

import com.github.xds.type.v3.TypedStruct;
import io.zenmesh.xds.resource.AuthorizationDoor;
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
  private static final String ROUTER = "envoy.extensions.filters.http.router.v3.Router";
  private static final String TRAILERS = "envoy.filters.http.header_mutation";

  /** What the processor is told of the client's certificate, where one is asked for. */
  private static final List<String> CLIENT_ATTRIBUTES =
      List.of(
          "xds.route_name",
          "connection.mtls",
          "connection.uri_san_peer_certificate",
          "connection.dns_san_peer_certificate");

  /** Answer or wait, but write no metadata of a name of their own and change no route. */
  private static final Set<String> HARMLESS =
      Set.of(
          "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
          "envoy.extensions.filters.http.ratelimit.v3.RateLimit",
          UserDoor.GATE_TYPE,
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
  private final Optional<KnownEndpoints> endpoints;
  private final Findings findings;

  /**
   * @param endpoints what is known of the endpoints; empty when nothing is
   */
  ChainLint(EnvoyFile file, Optional<KnownEndpoints> endpoints, Findings findings) {
    this.file = file;
    this.endpoints = endpoints;
    this.findings = findings;
  }

  /** Whether somebody meant the processor to be asked here, whatever came of it. */
  static boolean meant(Place manager) {
    return manager.mentions("ext_proc")
        || manager.mentions("ExternalProcessor")
        || manager.mentions(ProofGate.NAMESPACE)
        || manager.mentions(AuthorizationDoor.ENDPOINT)
        || manager.mentions("zen.filters.http.");
  }

  /**
   * Judges the manager; returns the clusters that its routes lead to.
   *
   * @param chain the filter chain, or what stands for one, that the manager is in
   */
  Set<String> lint(Place manager, Place chain) {
    findings.onlyFields(manager, MANAGER_FIELDS, "connection manager");
    new ClientHeaderLint(UserDoor.manager(), findings).lint(manager);
    List<Place> filters = manager.items("http_filters");
    Optional<Place> routes = routes(manager);
    Optional<UserDoor> found = UserDoor.of(filters);
    if (found.isEmpty()) {
      findings.add(
          manager.get("http_filters").orElse(manager),
          "no external processor (expected: "
              + UserDoor.PROCESSOR.type()
              + " in its own typed_config)",
          Findings.PASTE);
      return Set.of();
    }
    UserDoor door = found.get();
    int processor = 0;
    while (!door.asks(filters.get(processor))) {
      processor++;
    }
    Place asked = filters.get(processor);
    plain(asked);
    asked.get("typed_config").ifPresent(config -> asking(door, config, chain, routes));
    Optional<Place> gate = filters.stream().skip(processor + 1L).findFirst();
    int ours = processor + 1 + (gate(door, asked, gate) ? 1 : 0);
    if (door == UserDoor.AUTHORIZATION && withoutTrailers(filters, ours)) {
      ours++;
    }
    others(filters, processor, ours);
    UserAccessLint access =
        new UserAccessLint(manager, routes, ClientChainLint.asks(chain), findings);
    access.filters(filters, processor);
    return routes
        .map(it ->
            new EffectiveRoutes(
                    door,
                    asked.text("name"),
                    gate.map(g -> g.text("name")).orElse(""),
                    access,
                    endpoints,
                    findings)
                .lint(it))
        .orElse(Set.of());
  }

  /** Judges what stands directly after the processor; returns whether it is a gate at all. */
  private boolean gate(UserDoor door, Place asked, Optional<Place> next) {
    Optional<Place> gate = next.filter(it -> UserDoor.typeOf(it).equals(UserDoor.GATE_TYPE));
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
    findings.equal(gate.get().get("typed_config").orElse(gate.get()), door.gate(), Map.of());
    return true;
  }

  /** ext_authz never sees trailers, so that nobody has verified them. */
  private boolean withoutTrailers(List<Place> filters, int at) {
    TypedStruct reference =
        References.unpack(
            UserDoor.AUTHORIZATION.reference(TRAILERS).orElseThrow().getTypedConfig(),
            TypedStruct.class);
    Optional<Place> filter = filters.stream().skip(at).findFirst();
    boolean removes =
        filter
            .flatMap(it -> it.get("typed_config"))
            .filter(it -> reference.getTypeUrl().endsWith("/" + it.type()))
            .filter(it -> it.typed().message().getStructValue().equals(reference.getValue()))
            .isPresent();
    if (!removes) {
      findings.add(
          filter.orElse(filters.getLast()),
          "request trailers reach the upstream unverified (expected: the filter that removes them,"
              + " directly behind the gate)",
          "take the three filters of static-authorization.yaml, unchanged");
      return false;
    }
    plain(filter.orElseThrow());
    return true;
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

  private void asking(UserDoor door, Place config, Place chain, Optional<Place> routes) {
    Map<String, Rule> rules = door.rules();
    List<String> attributes =
        config.typed().items("request_attributes").stream()
            .flatMap(it -> it.text().stream())
            .toList();
    if (attributes.equals(CLIENT_ATTRIBUTES)) {
      rules.put(UserDoor.ATTRIBUTES, Rule.exactly(CLIENT_ATTRIBUTES));
      new ClientChainLint(file, findings).lint(chain, routes);
    }
    findings.equal(config, door.asking(), rules);
    config
        .typed()
        .get("grpc_service", "envoy_grpc", "cluster_name")
        .ifPresent(name -> new ProcessorClusterLint(file, findings).lint(name));
  }

  /**
   * Every other filter, by an allow list; the router last.
   *
   * @param end the index behind the last of the door's own filters
   */
  private void others(List<Place> filters, int processor, int end) {
    for (int i = 0; i < filters.size(); i++) {
      String type = UserDoor.typeOf(filters.get(i));
      boolean router = i == filters.size() - 1 && type.equals(ROUTER);
      boolean ours = i >= processor && i < end;
      if (!ours) {
        SetHeaders.ofFilter(filters.get(i), findings);
      }
      if (!ours && !router && !HARMLESS.contains(type)) {
        findings.add(
            filters.get(i),
            "filter "
                + type
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
    Optional<Place> found = file.routesOf(manager);
    if (found.isEmpty()) {
      findings.add(
          manager.get("rds").orElse(manager),
          "routes that are not in this file (expected: route_config, or a config dump)",
          "lint the running Envoy: GET /config_dump from its admin interface");
    }
    return found;
  }
}
