package io.zenmesh.xds.model;

import java.util.List;

/**
 * What one ingress Envoy is configured to do.
 *
 * @param node the Envoy
 * @param listen where it accepts TLS from webhook sources
 * @param certificateSecret the name of the SDS secret with the certificate it shows them
 * @param processorSocket the path of the Unix socket of the external processor beside it
 * @param egress the egress Envoys it forwards to, over mTLS
 * @param routes its routes, in any order
 */
public record IngressNode(
    NodeId node,
    HostPort listen,
    String certificateSecret,
    String processorSocket,
    List<EgressPeer> egress,
    List<IngressRoute> routes) {
  /** Copies the lists. */
  public IngressNode {
    egress = List.copyOf(egress);
    routes = List.copyOf(routes);
  }

  /**
   * An egress Envoy as an ingress Envoy sees it.
   *
   * @param address where it listens
   * @param spiffeId the only identity accepted there
   */
  public record EgressPeer(HostPort address, String spiffeId) {}
}
