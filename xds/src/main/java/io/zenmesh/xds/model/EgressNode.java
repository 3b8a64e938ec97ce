package io.zenmesh.xds.model;

import java.util.List;
import java.util.Map;

/**
 * What one egress Envoy is configured to do.
 *
 * @param node the Envoy
 * @param listen where it accepts mTLS from ingress Envoys
 * @param ingressSpiffeIds the only identities accepted there
 * @param routes the destination of each endpoint
 */
public record EgressNode(
    NodeId node,
    HostPort listen,
    List<String> ingressSpiffeIds,
    Map<EndpointRef, Destination> routes) {
  /** Copies list and map. */
  public EgressNode {
    ingressSpiffeIds = List.copyOf(ingressSpiffeIds);
    routes = Map.copyOf(routes);
  }
}
