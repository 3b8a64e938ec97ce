package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.server.AcceptedResource;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Hands snapshots to nodes; the xDS server as the publisher sees it. */
public interface NodeServer {
  /** Sets what the node is to hold from now on; returns at once, the latest wins. */
  void publish(NodeId node, NodeSnapshot snapshot);

  /** Sets what nodes hold that nothing was published for; until then they are not answered. */
  void publishDefault(NodeSnapshot snapshot);

  /**
   * Waits until the node follows.
   *
   * @return true when the connected node accepted what it asked for of these types, or is not
   *     connected; false when it refused or after {@code timeout}
   */
  CompletableFuture<Boolean> whenAcked(NodeId node, Set<ResourceType> types, Duration timeout);

  /** What a node accepted last of each resource that is published to it, by resource name. */
  Map<String, AcceptedResource> accepted(NodeId node, ResourceType type);
}
