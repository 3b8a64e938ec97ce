package io.zenmesh.xds.resource;

import io.zenmesh.xds.model.Destination;

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

  private ResourceNames() {}

  /** The cluster of a destination. */
  public static String destinationCluster(Destination destination) {
    return DESTINATION_PREFIX + destination.tenant() + "/" + destination.name();
  }

  /** Whether {@code cluster} is the cluster of a destination. */
  public static boolean isDestinationCluster(String cluster) {
    return cluster.startsWith(DESTINATION_PREFIX);
  }
}
