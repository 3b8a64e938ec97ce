package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.server.AcceptedResource;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A server whose nodes follow at once, but for those told to refuse; writes down what it is asked.
 */
final class FakeNodeServer implements NodeServer {
  final List<String> asked = new ArrayList<>();
  final Map<NodeId, NodeSnapshot> holds = new TreeMap<>();
  final Set<NodeId> refusing = new HashSet<>();
  Optional<NodeSnapshot> others = Optional.empty();
  final Set<NodeId> throwing = new HashSet<>();

  NodeSnapshot heldBy(NodeId node) {
    return holds.getOrDefault(node, NodeSnapshot.empty());
  }

  @Override
  public void publish(NodeId node, NodeSnapshot snapshot) {
    if (throwing.contains(node)) {
      throw new IllegalArgumentException("KEYS: too many");
    }
    asked.add("publish " + node);
    holds.put(node, snapshot);
  }

  @Override
  public void publishDefault(NodeSnapshot snapshot) {
    others = Optional.of(snapshot);
  }

  @Override
  public CompletableFuture<Boolean> whenAcked(
      NodeId node, Set<ResourceType> types, Duration timeout) {
    asked.add("await " + node);
    return CompletableFuture.completedFuture(!refusing.contains(node));
  }

  @Override
  public Map<String, AcceptedResource> accepted(NodeId node, ResourceType type) {
    Map<String, AcceptedResource> accepted = new TreeMap<>();
    if (!refusing.contains(node)) {
      heldBy(node)
          .resources(type)
          .forEach((name, resource) ->
              accepted.put(
                  name, new AcceptedResource(resource.version(), Optional.of(Instant.EPOCH))));
    }
    return accepted;
  }
}
