package io.zenmesh.xds.model;

import java.util.Optional;

/**
 * One process that the control plane configures.
 *
 * <p>Its SPIFFE id is {@code spiffe://<trust domain>/cluster/<cluster>/<role>/<name>}. On the wire,
 * {@code node.cluster} is the cluster and {@code node.id} the name.
 *
 * @param cluster the cluster it belongs to
 * @param role what it is
 * @param name its name within cluster and role; a processor bears the name of the Envoy it stands
 *     beside
 */
public record NodeId(Name cluster, NodeRole role, Name name) implements Comparable<NodeId> {
  /** The path of the node's SPIFFE id, with a leading slash. */
  public String spiffePath() {
    return "/cluster/" + cluster + "/" + role.segment() + "/" + name;
  }

  /** Reads what {@link #spiffePath()} writes; empty for any other path. */
  public static Optional<NodeId> fromSpiffePath(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length != 5 || !parts[0].isEmpty() || !parts[1].equals("cluster")) {
      return Optional.empty();
    }
    if (!Name.isValid(parts[2]) || !Name.isValid(parts[4])) {
      return Optional.empty();
    }
    for (NodeRole role : NodeRole.values()) {
      if (role.segment().equals(parts[3])) {
        return Optional.of(new NodeId(new Name(parts[2]), role, new Name(parts[4])));
      }
    }
    return Optional.empty();
  }

  @Override
  public int compareTo(NodeId other) {
    return spiffePath().compareTo(other.spiffePath());
  }

  @Override
  public String toString() {
    return cluster + "/" + role.segment() + "/" + name;
  }
}
