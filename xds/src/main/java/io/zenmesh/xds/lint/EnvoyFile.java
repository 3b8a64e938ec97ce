package io.zenmesh.xds.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a bootstrap or a config dump holds: listeners, and the route configurations and clusters
 * that they name.
 *
 * @param listeners active or about to be
 * @param routes by name
 * @param clusters by name
 * @param elsewhere why the file does not hold everything; empty when it does
 */
record EnvoyFile(
    List<Place> listeners,
    Map<String, Place> routes,
    Map<String, Place> clusters,
    Optional<Place> elsewhere) {

  /** Reads a file's root; empty when it is neither. */
  static Optional<EnvoyFile> of(Place root) {
    if (root.get("configs").isPresent()) {
      return Optional.of(dump(root));
    }
    boolean bootstrap =
        root.get("static_resources").isPresent() || root.get("dynamic_resources").isPresent();
    return bootstrap ? Optional.of(bootstrap(root)) : Optional.empty();
  }

  private static EnvoyFile bootstrap(Place root) {
    List<Place> listeners = new ArrayList<>();
    Map<String, Place> clusters = new HashMap<>();
    root.get("static_resources")
        .ifPresent(resources -> {
          listeners.addAll(resources.items("listeners"));
          resources.items("clusters").forEach(it -> clusters.put(it.text("name"), it));
        });
    return new EnvoyFile(
        listeners,
        Map.of(),
        clusters,
        root.get("dynamic_resources", "lds_config")
            .or(() -> root.get("dynamic_resources", "lds_resources_locator")));
  }

  private static EnvoyFile dump(Place root) {
    List<Place> listeners = new ArrayList<>();
    Map<String, Place> routes = new HashMap<>();
    Map<String, Place> clusters = new HashMap<>();
    for (Place config : root.items("configs")) {
      for (Place listener : config.items("static_listeners")) {
        listener.get("listener").ifPresent(listeners::add);
      }
      for (Place listener : config.items("dynamic_listeners")) {
        listener.get("active_state", "listener").ifPresent(listeners::add);
        listener.get("warming_state", "listener").ifPresent(listeners::add);
      }
      for (String kind : List.of("static_route_configs", "dynamic_route_configs")) {
        for (Place found : config.items(kind)) {
          found.get("route_config").ifPresent(it -> routes.put(it.text("name"), it));
        }
      }
      for (String kind :
          List.of("static_clusters", "dynamic_active_clusters", "dynamic_warming_clusters")) {
        for (Place found : config.items(kind)) {
          found.get("cluster").ifPresent(it -> clusters.put(it.text("name"), it));
        }
      }
    }
    return new EnvoyFile(listeners, routes, clusters, Optional.empty());
  }
}
