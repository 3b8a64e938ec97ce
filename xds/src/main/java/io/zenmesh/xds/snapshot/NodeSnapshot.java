package io.zenmesh.xds.snapshot;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Everything one node is to be configured with at one moment. Immutable. */
public final class NodeSnapshot {
  private static final NodeSnapshot EMPTY = of(List.of());

  private final Map<ResourceType, SortedMap<String, Resource>> byType;

  private NodeSnapshot(Map<ResourceType, SortedMap<String, Resource>> byType) {
    this.byType = byType;
  }

  /**
   * @throws IllegalArgumentException when two resources of a type share a name
   */
  public static NodeSnapshot of(Collection<Resource> resources) {
    Map<ResourceType, SortedMap<String, Resource>> byType = new EnumMap<>(ResourceType.class);
    for (Resource resource : resources) {
      Resource previous =
          byType
              .computeIfAbsent(resource.type(), type -> new TreeMap<>())
              .put(resource.name(), resource);
      if (previous != null) {
        throw new IllegalArgumentException("resource: " + resource + " (expected: unique names)");
      }
    }
    byType.replaceAll((type, map) -> Collections.unmodifiableSortedMap(map));
    return new NodeSnapshot(Collections.unmodifiableMap(byType));
  }

  public static NodeSnapshot empty() {
    return EMPTY;
  }

  /** The resources of a type by name; empty when there are none. */
  public SortedMap<String, Resource> resources(ResourceType type) {
    SortedMap<String, Resource> found = byType.get(type);
    return found == null ? Collections.emptySortedMap() : found;
  }

  /** One short version for all resources of a type: equal names and versions give equal text. */
  public String version(ResourceType type) {
    return ContentVersion.ofAll(resources(type).values());
  }
}
