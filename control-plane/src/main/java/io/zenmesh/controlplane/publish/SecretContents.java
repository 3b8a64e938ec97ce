package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Remembers which versions of which secrets went into what was published, so that a node's
 * acknowledgement of a content can be told as one of a secret's version. Thread-safe.
 */
final class SecretContents {
  /** How many contents of one resource are remembered; a node further behind shows as unknown. */
  private static final int DEPTH = 32;

  private static final List<ResourceType> TYPES = List.of(ResourceType.KEYS, ResourceType.SECRET);

  private final Map<Place, Deque<Content>> known = new HashMap<>();

  /** One resource of any content. */
  record Place(ResourceType type, String name) {}

  private record Content(String version, Map<SecretRef, SortedSet<Long>> secrets) {}

  /**
   * @param secrets of each resource: the secrets it refers to, with the versions that are in it
   */
  synchronized void note(
      NodeSnapshot snapshot, Map<Place, Map<SecretRef, SortedSet<Long>>> secrets) {
    for (ResourceType type : TYPES) {
      for (Resource resource : snapshot.resources(type).values()) {
        Place place = new Place(type, resource.name());
        Deque<Content> contents = known.computeIfAbsent(place, it -> new ArrayDeque<>());
        if (contents.stream().anyMatch(it -> it.version().equals(resource.version()))) {
          continue;
        }
        contents.addFirst(
            new Content(resource.version(), Map.copyOf(secrets.getOrDefault(place, Map.of()))));
        if (contents.size() > DEPTH) {
          contents.removeLast();
        }
      }
    }
  }

  /** The versions of a secret in one content; empty when it is not remembered or not in it. */
  synchronized Optional<SortedSet<Long>> versions(Place place, String content, SecretRef ref) {
    Deque<Content> contents = known.get(place);
    return contents == null
        ? Optional.empty()
        : contents.stream()
            .filter(it -> it.version().equals(content))
            .findFirst()
            .flatMap(it -> Optional.ofNullable(it.secrets().get(ref)));
  }

  static List<ResourceType> types() {
    return TYPES;
  }
}
