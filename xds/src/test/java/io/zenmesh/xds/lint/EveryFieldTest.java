package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Changes every field of every resource, one at a time, and expects a finding for each change.
 *
 * <p>The exceptions are the fields that may differ from one mesh to another.
 */
class EveryFieldTest {
  private static final String CHAIN = "filter_chains.filters.typed_config.";
  private static final String EXT_PROC = CHAIN + "http_filters.typed_config.";

  /** Where a listener listens, and times within their bounds. */
  private static final Set<String> ANY_LISTENER =
      Set.of(
          "address.socket_address.address",
          "address.socket_address.port_value",
          "filter_chains.transport_socket_connect_timeout.seconds",
          "filter_chains.transport_socket_connect_timeout.nanos",
          CHAIN + "request_headers_timeout.seconds",
          CHAIN + "request_headers_timeout.nanos",
          CHAIN + "request_timeout.seconds",
          CHAIN + "request_timeout.nanos",
          CHAIN + "stream_idle_timeout.seconds",
          CHAIN + "stream_idle_timeout.nanos",
          CHAIN + "common_http_protocol_options.idle_timeout.seconds",
          CHAIN + "common_http_protocol_options.idle_timeout.nanos");

  @Test
  void E14_everyChangeOfTheIngressListener_isAFinding() {
    Set<String> allowed = new TreeSet<>(ANY_LISTENER);
    allowed.add("listener_filters_timeout.seconds");
    allowed.add("listener_filters_timeout.nanos");
    // Still between the store's time-out and the route's.
    allowed.add(EXT_PROC + "message_timeout.seconds");
    allowed.add(EXT_PROC + "message_timeout.nanos");
    Set<String> unseen =
        unseen(Weakened.ingress(), ResourceType.LISTENER, "ingress", Listener.class, 700);
    assertThat(unseen).isEqualTo(allowed);
  }

  @Test
  void E14_everyChangeOfAListenerWithClientHosts_isAFinding() {
    Set<String> allowed = new TreeSet<>(ANY_LISTENER);
    allowed.add(EXT_PROC + "message_timeout.seconds");
    allowed.add(EXT_PROC + "message_timeout.nanos");
    allowed.add("listener_filters_timeout.seconds");
    allowed.add("listener_filters_timeout.nanos");
    // Whether a certificate may be missing is the policies' to say: see ClientLintTest.
    allowed.add("filter_chains.transport_socket.typed_config.require_client_certificate.value");
    Set<String> unseen =
        unseen(Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", Listener.class, 2000);
    assertThat(unseen).isEqualTo(allowed);
  }

  @Test
  void E14_everyChangeOfTheRoutesOfAClientHost_isAFinding() {
    String perRoute = "virtual_hosts.routes.typed_per_filter_config.value.";
    String principal = perRoute + "rbac.rules.policies.value.principals.not_id.or_ids.ids.";
    Set<String> unseen =
        unseen(
            Weakened.guardedIngress(),
            ResourceType.ROUTE,
            "ingress/mtls.acme.test",
            RouteConfiguration.class,
            250);
    assertThat(unseen)
        .containsExactlyInAnyOrder(
            "virtual_hosts.routes.name",
            "virtual_hosts.routes.match.path",
            "virtual_hosts.routes-",
            "virtual_hosts.routes.typed_per_filter_config-",
            // Another name, network or rate, each well-formed.
            principal + "authenticated.principal_name.exact",
            principal + "direct_remote_ip.prefix_len.value",
            perRoute + "token_bucket.max_tokens",
            perRoute + "token_bucket.tokens_per_fill.value");
  }

  @Test
  void E14_everyChangeOfAListenerThatAsksByAuthorization_isAFinding() {
    Set<String> unseen =
        unseen(
            Weakened.ingressByAuthorization(),
            ResourceType.LISTENER,
            "ingress",
            Listener.class,
            700);
    Set<String> allowed = new TreeSet<>(ANY_LISTENER);
    allowed.add("listener_filters_timeout.seconds");
    allowed.add("listener_filters_timeout.nanos");
    assertThat(unseen).isEqualTo(allowed);
  }

  @Test
  void E14_everyChangeOfRoutesBehindAuthorization_isAFinding() {
    Set<String> unseen =
        unseen(
            Weakened.ingressByAuthorization(),
            ResourceType.ROUTE,
            "ingress",
            RouteConfiguration.class,
            250);
    assertThat(unseen)
        .containsExactlyInAnyOrder(
            "virtual_hosts.routes.match.path", "virtual_hosts.routes-", "virtual_hosts-");
  }

  @Test
  void E14_everyChangeOfClientHostsBehindAuthorization_isAFinding() {
    Set<String> allowed = new TreeSet<>(ANY_LISTENER);
    allowed.add("listener_filters_timeout.seconds");
    allowed.add("listener_filters_timeout.nanos");
    allowed.add("filter_chains.transport_socket.typed_config.require_client_certificate.value");
    NodeSnapshot guarded = Weakened.guardedByAuthorization();
    assertThat(unseen(guarded, ResourceType.LISTENER, "ingress", Listener.class, 2000))
        .isEqualTo(allowed);
    String perRoute = "virtual_hosts.routes.typed_per_filter_config.value.";
    String principal = perRoute + "rbac.rules.policies.value.principals.not_id.or_ids.ids.";
    assertThat(
            unseen(
                guarded,
                ResourceType.ROUTE,
                "ingress/mtls.acme.test",
                RouteConfiguration.class,
                250))
        .containsExactlyInAnyOrder(
            "virtual_hosts.routes.match.path",
            "virtual_hosts.routes-",
            principal + "authenticated.principal_name.exact",
            principal + "direct_remote_ip.prefix_len.value",
            perRoute + "token_bucket.max_tokens",
            perRoute + "token_bucket.tokens_per_fill.value");
  }

  @Test
  void E14_everyChangeOfTheEgressListener_isAFinding() {
    Set<String> allowed = new TreeSet<>(ANY_LISTENER);
    allowed.add("per_connection_buffer_limit_bytes.value");
    // Another identity is another ingress, as long as it is exactly one.
    allowed.add(
        "filter_chains.transport_socket.typed_config.common_tls_context"
            + ".combined_validation_context.default_validation_context"
            + ".match_typed_subject_alt_names.matcher.exact");
    Set<String> unseen =
        unseen(Weakened.egress(), ResourceType.LISTENER, "egress", Listener.class, 500);
    assertThat(unseen).isEqualTo(allowed);
  }

  @Test
  void E14_everyChangeOfTheIngressRoutes_isAFinding() {
    Set<String> unseen =
        unseen(Weakened.ingress(), ResourceType.ROUTE, "ingress", RouteConfiguration.class, 250);
    assertThat(unseen)
        .containsExactlyInAnyOrder(
            // Another path and endpoint of the tenant, a host without routes.
            "virtual_hosts.routes.name",
            "virtual_hosts.routes.match.path",
            "virtual_hosts.routes-",
            "virtual_hosts-",
            // The processor sees the response of one route less: its claims expire by themselves.
            "virtual_hosts.routes.typed_per_filter_config-");
  }

  @Test
  void E14_everyChangeOfTheEgressRoutes_isAFinding() {
    Set<String> unseen =
        unseen(Weakened.egress(), ResourceType.ROUTE, "egress", RouteConfiguration.class, 350);
    assertThat(unseen)
        .containsExactlyInAnyOrder(
            "virtual_hosts.name",
            "virtual_hosts-",
            "virtual_hosts.routes-",
            "virtual_hosts.routes.route.timeout.seconds",
            "virtual_hosts.routes.route.timeout.nanos",
            // What the target is asked for is its owner's affair.
            "virtual_hosts.routes.route.host_rewrite_literal",
            "virtual_hosts.routes.route.regex_rewrite-",
            "virtual_hosts.routes.route.regex_rewrite.substitution");
  }

  @Test
  void E14_everyChangeOfACluster_isAFinding() {
    Set<String> anyCluster = Set.of("connect_timeout.seconds", "connect_timeout.nanos");
    Map<String, NodeSnapshot> snapshots =
        Map.of(
            "zen_extproc", Weakened.ingress(),
            "zen_egress", Weakened.ingress(),
            "destination/acme/orders", Weakened.egress(),
            "destination/acme/payments", Weakened.egress(),
            "destination/globex/builds", Weakened.egress());
    snapshots.forEach((name, snapshot) -> {
      Set<String> unseen = unseen(snapshot, ResourceType.CLUSTER, name, Cluster.class, 120);
      assertThat(unseen).as(name).containsAll(anyCluster);
      unseen.removeAll(anyCluster);
      assertThat(unseen).as(name).isSubsetOf(addressesOf(name));
    });
  }

  /** The mesh's own clusters may be anywhere: who answers is pinned, not where. */
  private static List<String> addressesOf(String cluster) {
    String endpoint = "load_assignment.endpoints.lb_endpoints.endpoint.address.";
    String sans =
        "transport_socket.typed_config.common_tls_context.combined_validation_context"
            + ".default_validation_context.match_typed_subject_alt_names.matcher.exact";
    return switch (cluster) {
      case "zen_extproc" -> List.of(endpoint + "pipe.path");
      case "zen_egress" ->
          List.of(
              endpoint + "socket_address.address",
              endpoint + "socket_address.port_value",
              "type",
              "dns_lookup_family",
              sans);
      default -> List.of(endpoint + "socket_address.port_value", "type", "dns_lookup_family");
    };
  }

  private static <T extends Message> Set<String> unseen(
      NodeSnapshot snapshot, ResourceType type, String name, Class<T> message, int atLeast) {
    List<Flips.Flip> flips = Flips.of(Weakened.get(snapshot, type, name, message));
    assertThat(flips.size()).as("changes of " + name).isGreaterThan(atLeast);
    Set<String> unseen = new TreeSet<>();
    for (Flips.Flip flip : flips) {
      NodeSnapshot changed = Weakened.with(snapshot, type, name, flip.changed());
      boolean seen =
          changed.resources(type).values().stream()
              .anyMatch(resource -> !SnapshotLinter.differences(resource, changed).isEmpty());
      if (!seen && SnapshotLinter.lint(changed).isEmpty()) {
        unseen.add(flip.path());
      }
    }
    return unseen;
  }
}
