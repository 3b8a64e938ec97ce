package io.zenmesh.xds.resource;

import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.IngressRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A host that asks for client certificates. The handshake comes before the path is known, so all
 * routes of a host ask alike.
 *
 * @param host its name
 * @param clientCa the name of the SDS secret with the roots that client certificates chain to
 * @param required whether a connection without a certificate is refused
 */
record ClientHost(String host, String clientCa, boolean required) {
  /**
   * The hosts among the routes that ask for a certificate, by name.
   *
   * @throws IllegalArgumentException when two routes of a host ask differently
   */
  static List<ClientHost> of(List<IngressRoute> routes) {
    SortedMap<String, Access> hosts = new TreeMap<>();
    for (IngressRoute route : routes) {
      Access other = hosts.putIfAbsent(route.host(), route.access());
      if (other != null && !asksAlike(other, route.access())) {
        throw new IllegalArgumentException(
            "client: differs on host " + route.host() + " (expected: one mtls and one CA)");
      }
    }
    List<ClientHost> found = new ArrayList<>();
    hosts.forEach((host, access) ->
        access
            .clientCa()
            .ifPresent(ca ->
                found.add(new ClientHost(host, ca, access.client().mtls() == Mtls.REQUIRED))));
    return found;
  }

  private static boolean asksAlike(Access one, Access other) {
    return one.client().mtls() == other.client().mtls() && one.clientCa().equals(other.clientCa());
  }
}
