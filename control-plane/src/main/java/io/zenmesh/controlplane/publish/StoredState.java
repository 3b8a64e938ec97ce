package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import java.util.List;

/** The desired state of all tenants as stored, at one moment; secrets sealed. */
public record StoredState(
    List<ClusterSpec> clusters,
    List<StoredSecret> secrets,
    List<DestinationSpec> destinations,
    List<EndpointSpec> endpoints,
    List<StoredKey> keys) {
  /** Without derived keys. */
  public StoredState(
      List<ClusterSpec> clusters,
      List<StoredSecret> secrets,
      List<DestinationSpec> destinations,
      List<EndpointSpec> endpoints) {
    this(clusters, secrets, destinations, endpoints, List.of());
  }

  /** Copies the lists. */
  public StoredState {
    clusters = List.copyOf(clusters);
    secrets = List.copyOf(secrets);
    destinations = List.copyOf(destinations);
    endpoints = List.copyOf(endpoints);
    keys = List.copyOf(keys);
  }

  /** Whether there is nothing to publish. */
  public boolean isEmpty() {
    return clusters.isEmpty() && secrets.isEmpty() && destinations.isEmpty() && endpoints.isEmpty();
  }
}
