package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import java.util.List;

/**
 * A group of Envoys that serve the same endpoints.
 *
 * @param tenant who owns it; {@code system} for one that all tenants may use
 * @param name unique in the mesh, since nodes are named by it
 * @param tlsSecret the owner's secret with the certificate shown to webhook sources
 * @param ingress the Envoys that take webhooks, by name
 * @param egress the Envoys that send them on, by name
 */
public record ClusterSpec(
    Name tenant, Name name, Name tlsSecret, List<Ingress> ingress, List<Egress> egress) {
  /** Copies the lists. */
  public ClusterSpec {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }

  /**
   * An ingress Envoy and the processor beside it, which bears the same name.
   *
   * @param listen where it accepts TLS from webhook sources
   * @param processorSocket the absolute path of the processor's Unix socket
   */
  public record Ingress(Name name, HostPort listen, String processorSocket) {}

  /**
   * An egress Envoy.
   *
   * @param listen where it accepts mTLS from ingress Envoys
   */
  public record Egress(Name name, HostPort listen) {}
}
