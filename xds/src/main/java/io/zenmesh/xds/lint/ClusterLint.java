package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.resource.ResourceNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The processor on a Unix socket; egress by mTLS with exact identities; a destination by TLS with
 * the name of the host it connects to. Limits as in the references.
 */
final class ClusterLint {
  private static final String CLUSTER = "envoy.config.cluster.v3.Cluster.";
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";

  private static final Cluster PROCESSOR = reference("processor-cluster");
  private static final Cluster EGRESS = reference("egress-cluster");
  private static final Cluster DESTINATION = reference("destination-cluster");
  private static final Cluster DESTINATION_SYSTEM_ROOTS =
      reference("destination-cluster-system-roots");

  private ClusterLint() {}

  /**
   * @param secrets the names of the snapshot's secrets
   */
  static List<Difference> lint(Cluster cluster, Set<String> secrets) {
    String name = cluster.getName();
    if (name.equals(ResourceNames.EXTPROC_CLUSTER)) {
      return new Shape(PROCESSOR, rules(cluster, ClusterLint::isOnePipe)).differences(cluster);
    }
    if (name.equals(ResourceNames.EGRESS_CLUSTER)) {
      Map<String, Rule> rules = tcpRules(cluster, addresses -> !addresses.isEmpty());
      rules.put(
          TLS + "CertificateValidationContext.match_typed_subject_alt_names", Rule.spiffeIds());
      return new Shape(EGRESS, rules).differences(cluster);
    }
    return ResourceNames.isDestinationCluster(name)
        ? destination(cluster, secrets)
        : List.of(new Difference("name", "unknown cluster (expected: one of the mesh)"));
  }

  private static List<Difference> destination(Cluster cluster, Set<String> secrets) {
    Optional<UpstreamTlsContext> tls = tls(cluster);
    if (tls.isEmpty()) {
      return List.of(new Difference("transport_socket", "missing (expected: TLS)"));
    }
    CommonTlsContext common = tls.get().getCommonTlsContext();
    boolean ownRoots = common.hasCombinedValidationContext();
    Map<String, Rule> rules = tcpRules(cluster, addresses -> addresses.size() == 1);
    rules.put(
        TLS + "SdsSecretConfig.name", Rule.text(secrets::contains, "a secret of the snapshot"));
    rules.put(TLS + "UpstreamTlsContext.sni", Rule.ELSEWHERE);
    rules.put(TLS + "CertificateValidationContext.match_typed_subject_alt_names", Rule.ELSEWHERE);
    List<Difference> found =
        new ArrayList<>(
            new Shape(ownRoots ? DESTINATION : DESTINATION_SYSTEM_ROOTS, rules)
                .differences(cluster));
    CertificateValidationContext validation =
        ownRoots
            ? common.getCombinedValidationContext().getDefaultValidationContext()
            : common.getValidationContext();
    if (!isPinned(host(cluster), tls.get().getSni(), validation)) {
      found.add(
          new Difference(
              "transport_socket", "name not pinned (expected: SNI and SAN of the host)"));
    }
    return found;
  }

  private static boolean isPinned(
      String host, String sni, CertificateValidationContext validation) {
    return validation
            .getMatchTypedSubjectAltNamesList()
            .equals(
                List.of(
                    SubjectAltNameMatcher.newBuilder()
                        .setSanType(sni.isEmpty() ? SanType.IP_ADDRESS : SanType.DNS)
                        .setMatcher(StringMatcher.newBuilder().setExact(host))
                        .build()))
        && (sni.isEmpty() || sni.equals(host));
  }

  private static String host(Cluster cluster) {
    List<Address> addresses = addresses(cluster.getLoadAssignment());
    return addresses.isEmpty() ? "" : addresses.get(0).getSocketAddress().getAddress();
  }

  private static Optional<UpstreamTlsContext> tls(Cluster cluster) {
    try {
      return cluster.getTransportSocket().getTypedConfig().is(UpstreamTlsContext.class)
          ? Optional.of(
              cluster.getTransportSocket().getTypedConfig().unpack(UpstreamTlsContext.class))
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Rule> tcpRules(Cluster cluster, Predicate<List<Address>> addresses) {
    Map<String, Rule> rules =
        rules(cluster, found -> addresses.test(found) && found.stream().allMatch(Rule::isTcp));
    rules.put(CLUSTER + "type", Rule.ELSEWHERE);
    rules.put(CLUSTER + "dns_lookup_family", Rule.ELSEWHERE);
    boolean discovered =
        cluster.getType() == Cluster.DiscoveryType.STATIC
            || cluster.getType() == Cluster.DiscoveryType.STRICT_DNS;
    if (!discovered || cluster.hasClusterType()) {
      rules.put(
          CLUSTER + "type", value -> Optional.of("not allowed (expected: STATIC or STRICT_DNS)"));
    }
    return rules;
  }

  private static Map<String, Rule> rules(Cluster cluster, Predicate<List<Address>> addresses) {
    Map<String, Rule> rules = new HashMap<>();
    rules.put(CLUSTER + "name", Rule.ELSEWHERE);
    rules.put(
        CLUSTER + "connect_timeout", Rule.duration(Durations.ZERO, Durations.fromSeconds(10)));
    rules.put(
        CLUSTER + "load_assignment",
        Rule.message(
            ClusterLoadAssignment.parser(),
            assignment ->
                assignment.equals(plain(cluster.getName(), addresses(assignment)))
                    && addresses.test(addresses(assignment)),
            "plain addresses of the kind that the cluster needs"));
    return rules;
  }

  private static ClusterLoadAssignment plain(String name, List<Address> addresses) {
    LocalityLbEndpoints.Builder endpoints = LocalityLbEndpoints.newBuilder();
    addresses.forEach(address ->
        endpoints.addLbEndpoints(
            LbEndpoint.newBuilder().setEndpoint(Endpoint.newBuilder().setAddress(address))));
    return ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(endpoints).build();
  }

  private static List<Address> addresses(ClusterLoadAssignment assignment) {
    return assignment.getEndpointsList().stream()
        .flatMap(locality -> locality.getLbEndpointsList().stream())
        .map(endpoint -> endpoint.getEndpoint().getAddress())
        .toList();
  }

  private static boolean isOnePipe(List<Address> addresses) {
    if (addresses.size() != 1) {
      return false;
    }
    String path = addresses.get(0).getPipe().getPath();
    return path.startsWith("/")
        && addresses
            .get(0)
            .equals(Address.newBuilder().setPipe(Pipe.newBuilder().setPath(path)).build());
  }

  private static Cluster reference(String name) {
    return (Cluster) References.load(name, Cluster.newBuilder());
  }
}
