package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The egress part of a cluster's model. Pure: it opens no secret. */
final class EgressNodes {
  private EgressNodes() {}

  private record DestinationKey(Name tenant, Name name) {}

  static List<EgressNode> of(
      ClusterSpec cluster,
      List<EndpointSpec> endpoints,
      List<DestinationSpec> destinations,
      String trustDomain) {
    Map<DestinationKey, DestinationSpec> byKey = new HashMap<>();
    destinations.forEach(it -> byKey.put(new DestinationKey(it.tenant(), it.name()), it));
    List<String> peers =
        cluster.ingress().stream().map(it -> spiffeId(trustDomain, cluster, it.name())).toList();
    Map<EndpointRef, Destination> routes = new LinkedHashMap<>();
    for (EndpointSpec endpoint : endpoints) {
      DestinationKey key = new DestinationKey(endpoint.tenant(), endpoint.destination());
      DestinationSpec destination = byKey.get(key);
      if (destination == null) {
        throw new IllegalStateException(
            "destination: " + key.tenant() + "/" + key.name() + " (expected: stored)");
      }
      routes.put(
          endpoint.policy().ref(),
          new Destination(
              destination.tenant(),
              destination.name(),
              destination.url(),
              destination
                  .ca()
                  .map(ca -> FleetBuilder.secretName(new SecretRef(destination.tenant(), ca)))));
    }
    return cluster.egress().stream()
        .map(it ->
            new EgressNode(
                new NodeId(cluster.name(), NodeRole.ENVOY, it.name()),
                it.listen(),
                peers,
                routes,
                dryRun(endpoints)))
        .toList();
  }

  private static Set<EndpointRef> dryRun(List<EndpointSpec> endpoints) {
    return endpoints.stream()
        .map(EndpointSpec::policy)
        .filter(policy -> !policy.enforce())
        .map(EndpointPolicy::ref)
        .collect(Collectors.toSet());
  }

  static String spiffeId(String trustDomain, ClusterSpec cluster, Name node) {
    String path = new NodeId(cluster.name(), NodeRole.ENVOY, node).spiffePath();
    return new SpiffeId(trustDomain, path).toString();
  }
}
