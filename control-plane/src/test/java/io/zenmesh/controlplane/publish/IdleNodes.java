package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.server.AcceptedResource;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Nobody connects and nothing is wrong: for tests to which publishing does not matter. */
public final class IdleNodes implements NodeServer, SnapshotCheck {
  @Override
  public void publish(NodeId node, NodeSnapshot snapshot) {}

  @Override
  public void publishDefault(NodeSnapshot snapshot) {}

  @Override
  public CompletableFuture<Boolean> whenAcked(
      NodeId node, Set<ResourceType> types, Duration timeout) {
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public Map<String, AcceptedResource> accepted(NodeId node, ResourceType type) {
    return Map.of();
  }

  @Override
  public List<String> overLimits(NodeSnapshot snapshot) {
    return List.of();
  }

  @Override
  public List<String> findings(NodeSnapshot snapshot) {
    return List.of();
  }

  @Override
  public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
    return List.of();
  }
}
