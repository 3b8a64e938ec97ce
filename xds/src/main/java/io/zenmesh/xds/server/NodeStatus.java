package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One node as the server sees it.
 *
 * @param node which one
 * @param connected whether it has a stream open
 * @param connectedSince when its newest stream began; empty when not connected
 * @param types every type that is published to it or that it asked for, in sending order
 */
public record NodeStatus(
    NodeId node, boolean connected, Optional<Instant> connectedSince, List<TypeStatus> types) {
  public NodeStatus {
    types = List.copyOf(types);
  }
}
