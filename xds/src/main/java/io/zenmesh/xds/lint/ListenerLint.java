package io.zenmesh.xds.lint;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.resource.ResourceNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Ingress: TLS, the strip rule, the processor, the gate directly after it, the router; nothing
 * else. Egress: mTLS with exact identities, the router; nothing else. Each limit is set.
 */
final class ListenerLint {
  private static final String LISTENER = "envoy.config.listener.v3.Listener.";
  private static final String CHAIN = "envoy.config.listener.v3.FilterChain.";
  private static final String MANAGER =
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.";
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";
  private static final Duration ZERO = Durations.ZERO;

  /** What the processor still takes in one message. */
  private static final long MAX_BUFFER = 4L * 1024 * 1024;

  private static final Listener INGRESS =
      (Listener) References.load("ingress-listener", Listener.newBuilder());
  private static final Listener INGRESS_BY_AUTHORIZATION = Doors.byAuthorization(INGRESS);
  private static final Listener EGRESS =
      (Listener) References.load("egress-listener", Listener.newBuilder());

  private ListenerLint() {}

  /**
   * @param secrets the names of the snapshot's secrets
   */
  static List<Difference> lint(Listener listener, Set<String> secrets) {
    return switch (listener.getName()) {
      case ResourceNames.INGRESS ->
          new Shape(
                  Doors.asksByAuthorization(listener) ? INGRESS_BY_AUTHORIZATION : INGRESS,
                  ingressRules(secrets))
              .differences(listener);
      case ResourceNames.EGRESS -> new Shape(EGRESS, egressRules()).differences(listener);
      default -> List.of(new Difference("name", "unknown listener (expected: ingress or egress)"));
    };
  }

  private static Map<String, Rule> ingressRules(Set<String> secrets) {
    Map<String, Rule> rules = commonRules();
    // Above every endpoint's limit, so that the processor and not the buffer answers 413.
    rules.put(
        LISTENER + "per_connection_buffer_limit_bytes",
        Rule.number(EndpointPolicy.MAX_BODY_BYTES_CEILING + 1L, MAX_BUFFER));
    rules.put(
        TLS + "SdsSecretConfig.name", Rule.text(secrets::contains, "a secret of the snapshot"));
    // Above twice the replay store's time-out, for a claim may need two commands; below the
    // route's.
    rules.put(
        "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.message_timeout",
        Rule.duration(Durations.fromMillis(500), Durations.fromSeconds(2)));
    return rules;
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
