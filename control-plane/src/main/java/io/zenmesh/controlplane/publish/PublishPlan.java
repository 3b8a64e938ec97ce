package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * In which order a new state goes out. Pure.
 *
 * <p>What is referred to comes before what refers to it, and leaves after it: processors learn new
 * policies, then egress new destinations, then ingress the new routes; then egress and processors
 * forget what no route leads to any more. A policy that claims messages until the upstream has
 * answered needs routes that show the answer: it takes the place of one that does not after the
 * routes, and gives way to one before them. The order keeps requests served; it is not what keeps
 * them safe, since a processor refuses an endpoint it does not know.
 */
final class PublishPlan {
  /** What a processor must accept before routes that need it go out. */
  static final Set<ResourceType> POLICY_TYPES = EnumSet.of(ResourceType.POLICY, ResourceType.KEYS);

  /**
   * What an Envoy must accept before the next step. Secrets are answered when asked, not waited
   * for.
   */
  static final Set<ResourceType> ENVOY_TYPES =
      EnumSet.of(ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.ROUTE);

  private PublishPlan() {}

  /** One step; effects as data. */
  sealed interface Step {
    /** Sets these nodes' snapshots. */
    record Publish(SortedMap<NodeId, NodeSnapshot> snapshots) implements Step {}

    /** Waits until these nodes accepted these types; at most the publisher's patience. */
    record Await(SortedSet<NodeId> nodes, Set<ResourceType> types) implements Step {}
  }

  /**
   * The steps from what is published now to {@code next}; none when nothing differs.
   *
   * @param current the snapshot of every node published to
   */
  static List<Step> between(Map<NodeId, NodeSnapshot> current, FleetSnapshots next) {
    Map<NodeId, NodeSnapshot> at = new HashMap<>(current);
    SortedSet<NodeId> gone = new TreeSet<>(current.keySet());
    gone.removeAll(next.processors().keySet());
    gone.removeAll(next.ingress().keySet());
    gone.removeAll(next.egress().keySet());

    SortedMap<NodeId, NodeSnapshot> learning = new TreeMap<>();
    next.processors()
        .forEach((node, snapshot) ->
            learning.put(node, learned(current.get(node), snapshot, next.routesFirst())));
    SortedMap<NodeId, NodeSnapshot> ingress = new TreeMap<>(next.ingress());
    SortedMap<NodeId, NodeSnapshot> forgetting = new TreeMap<>(next.processors());
    for (NodeId node : gone) {
      // A node taken out of the mesh is emptied, else it would serve its last state for ever. The
      // empty snapshot stays: the node may be away now.
      (node.role() == NodeRole.ENVOY ? ingress : forgetting).put(node, NodeSnapshot.empty());
    }

    List<Step> steps = new ArrayList<>();
    phase(steps, at, learning, POLICY_TYPES);
    phase(steps, at, next.egressBridge(), ENVOY_TYPES);
    phase(steps, at, ingress, ENVOY_TYPES);
    phase(steps, at, next.egress(), ENVOY_TYPES);
    phase(steps, at, forgetting, POLICY_TYPES);
    return List.copyOf(steps);
  }

  private static void phase(
      List<Step> steps,
      Map<NodeId, NodeSnapshot> at,
      SortedMap<NodeId, NodeSnapshot> wanted,
      Set<ResourceType> types) {
    SortedMap<NodeId, NodeSnapshot> differing = new TreeMap<>();
    wanted.forEach((node, snapshot) -> {
      NodeSnapshot holds = at.get(node);
      if (holds == null || !same(holds, snapshot)) {
        differing.put(node, snapshot);
      }
    });
    if (differing.isEmpty()) {
      return;
    }
    at.putAll(differing);
    steps.add(new Step.Publish(differing));
    steps.add(new Step.Await(new TreeSet<>(differing.keySet()), types));
  }

  /** As {@link #union}, but of the endpoints {@code waiting} that are known already as before. */
  private static NodeSnapshot learned(
      @Nullable NodeSnapshot before, NodeSnapshot next, Set<String> waiting) {
    NodeSnapshot all = union(before, next);
    if (before == null || waiting.isEmpty()) {
      return all;
    }
    Set<String> held = new TreeSet<>(before.resources(ResourceType.POLICY).keySet());
    held.retainAll(waiting);
    List<Resource> resources = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      all.resources(type).values().stream()
          .filter(it -> !held.contains(it.name()))
          .forEach(resources::add);
      before.resources(type).values().stream()
          .filter(it -> held.contains(it.name()))
          .forEach(resources::add);
    }
    return NodeSnapshot.of(resources);
  }

  /** Everything of {@code next}, and what only {@code before} has. */
  private static NodeSnapshot union(@Nullable NodeSnapshot before, NodeSnapshot next) {
    if (before == null) {
      return next;
    }
    List<Resource> resources = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      Map<String, Resource> byName = new TreeMap<>(before.resources(type));
      byName.putAll(next.resources(type));
      resources.addAll(byName.values());
    }
    return NodeSnapshot.of(resources);
  }

  /** Whether both give every resource the same version. */
  static boolean same(NodeSnapshot one, NodeSnapshot other) {
    for (ResourceType type : ResourceType.values()) {
      if (!versions(one.resources(type).values())
          .equals(versions(other.resources(type).values()))) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, String> versions(Collection<Resource> resources) {
    Map<String, String> versions = new HashMap<>();
    resources.forEach(it -> versions.put(it.name(), it.version()));
    return versions;
  }
}
