package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which role may read which types. Default deny: what is not in the table is refused.
 *
 * <p>An Envoy never receives a verification key, a processor never a TLS key.
 */
final class Entitlements {
  private static final Map<NodeRole, Set<ResourceType>> TABLE =
      Map.of(
          NodeRole.ENVOY,
          EnumSet.of(
              ResourceType.SECRET,
              ResourceType.CLUSTER,
              ResourceType.ENDPOINT,
              ResourceType.LISTENER,
              ResourceType.ROUTE),
          NodeRole.EXTPROC,
          EnumSet.of(ResourceType.POLICY, ResourceType.KEYS));

  /** Who may put verdicts on record: who makes them. */
  private static final Set<NodeRole> RECORDERS = EnumSet.of(NodeRole.EXTPROC);

  private Entitlements() {}

  static boolean mayRead(NodeRole role, ResourceType type) {
    return TABLE.getOrDefault(role, Set.of()).contains(type);
  }

  static boolean mayRecord(NodeRole role) {
    return RECORDERS.contains(role);
  }

  /**
   * Whether a request for a type we do not know is answered with "there is none" instead of being
   * refused. Envoys ask for whatever their own bootstrap names (runtime layers, extension
   * configuration); refusing the stream would take all their configuration away, and the answer
   * carries nothing. A processor has no reason to ask.
   */
  static boolean mayAskUnknown(NodeRole role) {
    return role == NodeRole.ENVOY;
  }
}
