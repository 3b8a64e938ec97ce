package io.zenmesh.xds.server;

import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * What outlives the streams of one node: what is published to it, which versions it refused, and
 * the last version of each resource it accepted. Not thread-safe: the owner's lock guards it.
 */
final class NodeLedger {
  /**
   * How many refused versions are remembered per node beside those that are published now, which
   * are never forgotten: they would be sent again. The oldest is forgotten first.
   */
  static final int MAX_PARKED = 1024;

  private static final int MAX_DETAIL = 512;

  private record Parked(ResourceType type, String name, String version) {}

  private Optional<NodeSnapshot> snapshot = Optional.empty();
  private final Set<Parked> parkedNow = new LinkedHashSet<>();
  private final LinkedHashSet<Parked> parkedBefore = new LinkedHashSet<>();
  private final Map<ResourceType, Map<String, Resource>> lastGood =
      new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Map<String, Instant>> acceptedAt =
      new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, Instant> lastEvent = new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, String> lastRefusal = new EnumMap<>(ResourceType.class);

  void publish(NodeSnapshot next) {
    snapshot = Optional.of(next);
    lastGood.forEach((type, good) -> good.keySet().retainAll(next.resources(type).keySet()));
    acceptedAt.forEach((type, at) -> at.keySet().retainAll(next.resources(type).keySet()));
    List<Parked> all = new ArrayList<>(parkedBefore);
    all.addAll(parkedNow);
    parkedBefore.clear();
    parkedNow.clear();
    all.forEach(this::remember);
  }

  void retire() {
    snapshot = Optional.empty();
    parkedNow.clear();
    parkedBefore.clear();
    lastGood.clear();
    acceptedAt.clear();
    lastEvent.clear();
    lastRefusal.clear();
  }

  /** Until something is published, nothing is answered: silence keeps what a node has. */
  boolean published() {
    return snapshot.isPresent();
  }

  NodeSnapshot snapshot() {
    return snapshot.orElseGet(NodeSnapshot::empty);
  }

  SortedMap<String, Resource> desired(ResourceType type) {
    return snapshot().resources(type);
  }

  boolean isParked(Resource resource) {
    Parked key = new Parked(resource.type(), resource.name(), resource.version());
    return parkedNow.contains(key) || parkedBefore.contains(key);
  }

  /**
   * What a node that lacks the published version is to be sent: that version, or the last one it
   * accepted when it refused that version; empty when it refused both, or there is neither.
   */
  Optional<Resource> sendable(ResourceType type, String name) {
    Resource wanted = desired(type).get(name);
    if (wanted == null) {
      return Optional.empty();
    }
    return isParked(wanted)
        ? Optional.ofNullable(lastGood.getOrDefault(type, Map.of()).get(name))
            .filter(good -> !isParked(good))
        : Optional.of(wanted);
  }

  void sent(ResourceType type, Instant at) {
    lastEvent.put(type, at);
  }

  void accepted(Resource resource) {
    if (desired(resource.type()).containsKey(resource.name())) {
      lastGood
          .computeIfAbsent(resource.type(), t -> new HashMap<>())
          .put(resource.name(), resource);
    }
  }

  /** By an answer, not because the node held it already. */
  void acknowledged(Resource resource, Instant at) {
    accepted(resource);
    if (desired(resource.type()).containsKey(resource.name())) {
      acceptedAt.computeIfAbsent(resource.type(), type -> new HashMap<>()).put(resource.name(), at);
    }
  }

  /** What the node accepted last of each resource that is published to it. */
  Map<String, AcceptedResource> accepted(ResourceType type) {
    Map<String, Instant> times = acceptedAt.getOrDefault(type, Map.of());
    Map<String, AcceptedResource> accepted = new HashMap<>();
    lastGood
        .getOrDefault(type, Map.of())
        .forEach((name, good) ->
            accepted.put(
                name, new AcceptedResource(good.version(), Optional.ofNullable(times.get(name)))));
    return accepted;
  }

  void answered(ResourceType type, Optional<String> refusal, Instant at) {
    lastEvent.put(type, at);
    refusal.ifPresent(text -> lastRefusal.put(type, printable(text)));
  }

  void park(Resource resource) {
    remember(new Parked(resource.type(), resource.name(), resource.version()));
    // A node that lost what it held may refuse what it accepted once.
    Map<String, Resource> good = lastGood.getOrDefault(resource.type(), Map.of());
    Resource last = good.get(resource.name());
    if (last != null && last.version().equals(resource.version())) {
      good.remove(resource.name());
    }
  }

  private void remember(Parked refused) {
    Resource wanted = desired(refused.type()).get(refused.name());
    if (wanted != null && wanted.version().equals(refused.version())) {
      parkedNow.add(refused);
      return;
    }
    if (parkedBefore.size() >= MAX_PARKED) {
      parkedBefore.removeFirst();
    }
    parkedBefore.add(refused);
  }

  Optional<Instant> lastEvent(ResourceType type) {
    return Optional.ofNullable(lastEvent.get(type));
  }

  Optional<String> lastRefusal(ResourceType type) {
    return Optional.ofNullable(lastRefusal.get(type));
  }

  /** The state of a type on a node without a stream that asked for it. */
  TypeStatus.State stateWhileAway(ResourceType type) {
    Map<String, Resource> good = lastGood.getOrDefault(type, Map.of());
    boolean complete = true;
    for (Resource wanted : desired(type).values()) {
      Resource held = good.get(wanted.name());
      boolean accepted = held != null && held.version().equals(wanted.version());
      if (!accepted && isParked(wanted)) {
        return TypeStatus.State.NACKED;
      }
      complete &= accepted;
    }
    return complete && lastEvent.containsKey(type)
        ? TypeStatus.State.ACKED
        : TypeStatus.State.PENDING;
  }

  /** What a node wrote goes into logs and status pages: one line, printable, bounded. */
  static String printable(String text) {
    String cut = text.length() > MAX_DETAIL ? text.substring(0, MAX_DETAIL) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}]+", " ");
  }
}
