package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The whole desired state: consistent in itself, every reference resolved, every secret read.
 *
 * <p>Only {@link MeshReader} makes one. Holds plaintext secrets until it is closed.
 */
public final class Mesh implements AutoCloseable {
  private final SortedSet<Name> tenants;
  private final Map<Name, Retention> retentions;
  private final List<ClusterSpec> clusters;
  private final List<SecretSpec> secrets;
  private final List<DestinationSpec> destinations;
  private final List<EndpointSpec> endpoints;
  private final boolean secretsKept;

  Mesh(
      SortedSet<Name> tenants,
      Map<Name, Retention> retentions,
      List<ClusterSpec> clusters,
      List<SecretSpec> secrets,
      List<DestinationSpec> destinations,
      List<EndpointSpec> endpoints) {
    this(tenants, retentions, clusters, secrets, destinations, endpoints, false);
  }

  private Mesh(
      SortedSet<Name> tenants,
      Map<Name, Retention> retentions,
      List<ClusterSpec> clusters,
      List<SecretSpec> secrets,
      List<DestinationSpec> destinations,
      List<EndpointSpec> endpoints,
      boolean secretsKept) {
    this.secretsKept = secretsKept;
    this.tenants = tenants;
    this.retentions = Map.copyOf(retentions);
    this.clusters = List.copyOf(clusters);
    this.secrets = List.copyOf(secrets);
    this.destinations = List.copyOf(destinations);
    this.endpoints = List.copyOf(endpoints);
  }

  /** The same without secrets of its own: those that are stored stay as they are. */
  Mesh keepingSecrets() {
    return new Mesh(tenants, retentions, clusters, List.of(), destinations, endpoints, true);
  }

  /** Whether the stored secrets stay, whatever {@link #secrets} says. */
  public boolean secretsKept() {
    return secretsKept;
  }

  /** All tenants, {@code system} among them. */
  public SortedSet<Name> tenants() {
    return tenants;
  }

  /** For how long a tenant's audit entries stay in the database; empty for ever. */
  public Optional<Retention> auditRetention(Name tenant) {
    return Optional.ofNullable(retentions.get(tenant));
  }

  public List<ClusterSpec> clusters() {
    return clusters;
  }

  public List<SecretSpec> secrets() {
    return secrets;
  }

  public List<DestinationSpec> destinations() {
    return destinations;
  }

  public List<EndpointSpec> endpoints() {
    return endpoints;
  }

  @Override
  public void close() {
    secrets.forEach(SecretSpec::close);
  }
}
