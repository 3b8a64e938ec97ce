package io.zenmesh.xds.resource;

import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.Name;
import java.util.Optional;

/** The names by which Envoy resources refer to each other; constant, also through a rotation. */
public final class ResourceNames {
  /** Listener and route configuration of an ingress Envoy. */
  public static final String INGRESS = "ingress";

  /** Listener and route configuration of an egress Envoy. */
  public static final String EGRESS = "egress";

  /** The cluster of the external processor beside an ingress Envoy. */
  public static final String EXTPROC_CLUSTER = "zen_extproc";

  /** The cluster of the egress Envoys, as ingress sees them. */
  public static final String EGRESS_CLUSTER = "zen_egress";

  /** The cluster of the control plane's xDS server. */
  public static final String XDS_CLUSTER = "zen_xds";

  /** The static secret with the node's own certificate and key. */
  public static final String NODE_IDENTITY = "node_identity";

  /** The static secret with the roots that the mesh's own certificates chain to. */
  public static final String MESH_BUNDLE = "mesh_bundle";

  /**
   * What is added to an endpoint's name to name its egress route for messages of a dry run; no name
   * of an endpoint can end so.
   */
  public static final String DRY_RUN_SUFFIX = ":dry-run";

  private static final String DESTINATION_PREFIX = "destination/";
  private static final String SECRET_PREFIX = "secret/";
  private static final String CLIENT_HOST_PREFIX = INGRESS + "/";

  private ResourceNames() {}

  /** Filter chain and route configuration of a host that asks for client certificates. */
  public static String clientHost(String host) {
    return CLIENT_HOST_PREFIX + host;
  }

  /** The host of {@link #clientHost}; empty for any other name. */
  public static Optional<String> hostOf(String name) {
    return name.startsWith(CLIENT_HOST_PREFIX)
        ? Optional.of(name.substring(CLIENT_HOST_PREFIX.length()))
        : Optional.empty();
  }

  /** The SDS secret of a tenant's secret; without its version, so constant through a rotation. */
  public static String secret(Name tenant, Name name) {
    return SECRET_PREFIX + tenant + "/" + name;
  }

  /** The tenant of {@link #secret}; empty for any other name. */
  public static Optional<Name> ownerOfSecret(String secret) {
    if (!secret.startsWith(SECRET_PREFIX)) {
      return Optional.empty();
    }
    String[] parts = secret.substring(SECRET_PREFIX.length()).split("/", -1);
    return parts.length == 2 && Name.isValid(parts[0]) && Name.isValid(parts[1])
        ? Optional.of(new Name(parts[0]))
        : Optional.empty();
  }

  /** The cluster of a destination. */
  public static String destinationCluster(Destination destination) {
    return DESTINATION_PREFIX + destination.tenant() + "/" + destination.name();
  }

  /** Whether {@code cluster} is the cluster of a destination. */
  public static boolean isDestinationCluster(String cluster) {
    return cluster.startsWith(DESTINATION_PREFIX);
  }
}
