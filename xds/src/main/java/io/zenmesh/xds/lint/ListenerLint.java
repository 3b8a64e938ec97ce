package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.resource.ResourceNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ingress: for all hosts that ask for no client certificate one filter chain, for each other host
 * its own; in each TLS, the strip rule, the access filters, the processor, the gate directly after
 * it, the router; nothing else. Egress: mTLS with exact identities, the router; nothing else. Each
 * limit is set.
 */
final class ListenerLint {
  private static final String LISTENER = "envoy.config.listener.v3.Listener.";
  private static final String CHAIN = "envoy.config.listener.v3.FilterChain.";
  private static final String MANAGER =
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.";
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";
  private static final String RDS =
      "envoy.extensions.filters.network.http_connection_manager.v3.Rds.";
  private static final Duration ZERO = Durations.ZERO;

  /** What the processor still takes in one message. */
  private static final long MAX_BUFFER = 4L * 1024 * 1024;

  private static final Listener INGRESS =
      (Listener) References.load("ingress-listener", Listener.newBuilder());
  private static final Listener EGRESS =
      (Listener) References.load("egress-listener", Listener.newBuilder());

  private static final FilterChain OPEN_CHAIN = INGRESS.getFilterChains(0);
  private static final FilterChain CLIENT_CHAIN =
      OPEN_CHAIN.toBuilder()
          .setTransportSocket(
              (TransportSocket) References.load("client-tls", TransportSocket.newBuilder()))
          .build();
  private static final FilterChain OPEN_BY_AUTHORIZATION = Doors.byAuthorization(OPEN_CHAIN);
  private static final FilterChain CLIENT_BY_AUTHORIZATION = Doors.byAuthorization(CLIENT_CHAIN);

  private static final List<String> ATTRIBUTES = List.of("xds.route_name");
  private static final List<String> CLIENT_ATTRIBUTES =
      List.of(
          "xds.route_name",
          "connection.mtls",
          "connection.uri_san_peer_certificate",
          "connection.dns_san_peer_certificate");

  private ListenerLint() {}

  /**
   * What a listener may refer to.
   *
   * @param certificates the names of the snapshot's certificates with their keys
   * @param bundles the names of the snapshot's roots
   * @param tenants of each route configuration, which has its chain's name
   */
  record Known(Set<String> certificates, Set<String> bundles, Map<String, Set<Name>> tenants) {}

  static List<Difference> lint(Listener listener, Known known) {
    return switch (listener.getName()) {
      case ResourceNames.INGRESS -> ingress(listener, known);
      case ResourceNames.EGRESS -> new Shape(EGRESS, egressRules()).differences(listener);
      default -> List.of(new Difference("name", "unknown listener (expected: ingress or egress)"));
    };
  }

  private static List<Difference> ingress(Listener listener, Known known) {
    Map<String, Rule> rules = commonRules();
    rules.put(LISTENER + "filter_chains", Rule.ELSEWHERE);
    rules.put(
        LISTENER + "listener_filters_timeout", Rule.duration(ZERO, Durations.fromSeconds(30)));
    // Above every endpoint's limit, so that the processor and not the buffer answers 413.
    rules.put(
        LISTENER + "per_connection_buffer_limit_bytes",
        Rule.number(EndpointPolicy.MAX_BODY_BYTES_CEILING + 1L, MAX_BUFFER));
    List<Difference> found = new ArrayList<>(new Shape(INGRESS, rules).differences(listener));
    Set<String> names = new HashSet<>();
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      FilterChain chain = listener.getFilterChains(i);
      String path = "filter_chains[" + i + "]";
      chain(chain, known)
          .forEach(each -> found.add(new Difference(path + "." + each.path(), each.problem())));
      if (!names.add(chain.getName())) {
        found.add(new Difference(path + ".name", "used twice (expected: unique)"));
      }
    }
    if (!names.contains(ResourceNames.INGRESS)) {
      found.add(new Difference("filter_chains", "none for open hosts (expected: one)"));
    }
    return found;
  }

  private static List<Difference> chain(FilterChain chain, Known known) {
    boolean byAuthorization = Doors.asksByAuthorization(chain);
    Optional<String> host = ResourceNames.hostOf(chain.getName());
    Map<String, Rule> rules = commonRules();
    // Above twice the replay store's time-out, for a claim may need two commands; below the
    // route's.
    rules.put(
        "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.message_timeout",
        Rule.duration(Durations.fromMillis(500), Durations.fromSeconds(2)));
    rules.put(
        "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.request_attributes",
        Rule.exactly(host.isPresent() ? CLIENT_ATTRIBUTES : ATTRIBUTES));
    rules.put(RDS + "route_config_name", Rule.text(chain.getName()::equals, "the chain's name"));
    rules.put(TLS + "SdsSecretConfig.name", Rule.ELSEWHERE);
    List<Difference> found = new ArrayList<>();
    if (host.isPresent()) {
      rules.put(CHAIN + "name", Rule.ELSEWHERE);
      rules.put(
          CHAIN + "filter_chain_match",
          Rule.message(
              FilterChainMatch.parser(),
              FilterChainMatch.newBuilder().addServerNames(host.get()).build()::equals,
              "exactly the host of the chain's name"));
      // Optional or required is the policies' affair, which are looked at together with the routes.
      rules.put(TLS + "DownstreamTlsContext.require_client_certificate", Rule.flag());
      found.addAll(
          new Shape(byAuthorization ? CLIENT_BY_AUTHORIZATION : CLIENT_CHAIN, rules)
              .differences(chain));
    } else {
      found.addAll(
          new Shape(byAuthorization ? OPEN_BY_AUTHORIZATION : OPEN_CHAIN, rules)
              .differences(chain));
    }
    found.addAll(secrets(chain, host.isPresent(), known));
    return found;
  }

  private static List<Difference> secrets(FilterChain chain, boolean asksClients, Known known) {
    List<Difference> found = new ArrayList<>();
    CommonTlsContext common = tls(chain).getCommonTlsContext();
    String roots =
        common.getCombinedValidationContext().getValidationContextSdsSecretConfig().getName();
    boolean present =
        common.getTlsCertificateSdsSecretConfigsList().stream()
                .allMatch(secret -> known.certificates().contains(secret.getName()))
            && (!asksClients || known.bundles().contains(roots));
    if (!present) {
      found.add(
          new Difference(
              "transport_socket",
              "unknown secret (expected: a certificate, roots of the snapshot)"));
    }
    // Roots vouch for any name, so that another tenant's could issue this host's clients.
    boolean foreign =
        asksClients
            && known.tenants().getOrDefault(chain.getName(), Set.of()).stream()
                .anyMatch(
                    tenant -> ResourceNames.ownerOfSecret(roots).filter(tenant::equals).isEmpty());
    if (foreign) {
      found.add(
          new Difference(
              "transport_socket",
              "roots " + roots + " of another tenant (expected: of the tenant of the host)"));
    }
    return found;
  }

  /** Whether each chain insists on a client certificate, by the chain's name. */
  static Map<String, Boolean> required(Listener listener) {
    Map<String, Boolean> required = new HashMap<>();
    listener
        .getFilterChainsList()
        .forEach(chain ->
            required.put(chain.getName(), tls(chain).getRequireClientCertificate().getValue()));
    return required;
  }

  private static DownstreamTlsContext tls(FilterChain chain) {
    try {
      Any config = chain.getTransportSocket().getTypedConfig();
      return config.is(DownstreamTlsContext.class)
          ? config.unpack(DownstreamTlsContext.class)
          : DownstreamTlsContext.getDefaultInstance();
    } catch (InvalidProtocolBufferException e) {
      return DownstreamTlsContext.getDefaultInstance();
    }
  }

  private static Map<String, Rule> egressRules() {
    Map<String, Rule> rules = commonRules();
    rules.put(LISTENER + "per_connection_buffer_limit_bytes", Rule.number(1024, MAX_BUFFER));
    rules.put(TLS + "CertificateValidationContext.match_typed_subject_alt_names", Rule.spiffeIds());
    return rules;
  }

  private static Map<String, Rule> commonRules() {
    Map<String, Rule> rules = new HashMap<>();
    rules.put(LISTENER + "address", Rule.tcpAddress());
    rules.put(
        CHAIN + "transport_socket_connect_timeout", Rule.duration(ZERO, Durations.fromSeconds(30)));
    for (String timeout :
        List.of("request_headers_timeout", "request_timeout", "stream_idle_timeout")) {
      rules.put(MANAGER + timeout, Rule.duration(ZERO, Durations.fromSeconds(60)));
    }
    rules.put(
        "envoy.config.core.v3.HttpProtocolOptions.idle_timeout",
        Rule.duration(ZERO, Durations.fromSeconds(600)));
    return rules;
  }
}
