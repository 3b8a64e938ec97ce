package io.zenmesh.xds.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one egress Envoy is configured to do.
 *
 * @param node the Envoy
 * @param listen where it accepts mTLS from ingress Envoys
 * @param ingressSpiffeIds the only identities accepted there
 * @param routes the destination of each endpoint
 * @param dryRun the endpoints whose messages arrive verified or not
 */
public record EgressNode(
    NodeId node,
    HostPort listen,
    List<String> ingressSpiffeIds,
    Map<EndpointRef, Destination> routes,
    Set<EndpointRef> dryRun) {
  /** A node without an endpoint in dry run. */
  public EgressNode(
      NodeId node,
      HostPort listen,
      List<String> ingressSpiffeIds,
      Map<EndpointRef, Destination> routes) {
    this(node, listen, ingressSpiffeIds, routes, Set.of());
  }

  /** Copies list, map and set. */
  public EgressNode {
    ingressSpiffeIds = List.copyOf(ingressSpiffeIds);
    routes = Map.copyOf(routes);
    dryRun = Set.copyOf(dryRun);
  }
}
