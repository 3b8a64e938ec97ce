package io.zenmesh.controlplane.store.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * How a set of keyed values must change to become another.
 *
 * @param added values whose key is new
 * @param changed values whose key is there with another value
 * @param removed keys that are to go
 */
record Difference<K, V>(List<V> added, List<V> changed, List<K> removed) {
  static <K, C, V> Difference<K, V> between(
      Map<K, C> current, Map<K, V> desired, BiPredicate<C, V> same) {
    List<V> added = new ArrayList<>();
    List<V> changed = new ArrayList<>();
    desired.forEach((key, value) -> {
      C before = current.get(key);
      if (before == null) {
        added.add(value);
      } else if (!same.test(before, value)) {
        changed.add(value);
      }
    });
    List<K> removed = current.keySet().stream().filter(key -> !desired.containsKey(key)).toList();
    return new Difference<>(List.copyOf(added), List.copyOf(changed), removed);
  }
}
