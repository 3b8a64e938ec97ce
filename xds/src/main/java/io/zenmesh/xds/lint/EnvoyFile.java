package io.zenmesh.xds.lint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a bootstrap or a config dump holds: listeners, and the route configurations, clusters and
 * secrets that they name.
 *
 * @param listeners active or about to be
 * @param routes by name
 * @param clusters by name
 * @param secrets by name
 * @param elsewhere why the file does not hold everything; empty when it does
 */
record EnvoyFile(
    List<Place> listeners,
    Map<String, Place> routes,
    Map<String, Place> clusters,
    Map<String, Place> secrets,
    Optional<Place> elsewhere) {

  static final String MANAGER =
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

  /** Fields of a listener that lead nowhere but to its filter chains and listener filters. */
  static final Set<String> LISTENER_FIELDS =
      Set.of(
          "access_log",
          "additional_addresses",
          "address",
          "api_listener",
          "bind_to_port",
          "bypass_overload_manager",
          "connection_balance_config",
          "continue_on_listener_filters_timeout",
          "default_filter_chain",
          "deprecated_v1",
          "drain_type",
          "enable_mptcp",
          "enable_reuse_port",
          "filter_chain_matcher",
          "filter_chains",
          "freebind",
          "ignore_global_conn_limit",
          "internal_listener",
          "listener_filters",
          "listener_filters_timeout",
          "max_connections_to_accept_per_socket_event",
          "metadata",
          "name",
          "per_connection_buffer_limit_bytes",
          "reuse_port",
          "socket_options",
          "stat_prefix",
          "tcp_backlog_size",
          "tcp_fast_open_queue_length",
          "traffic_direction",
          "transparent",
          "udp_listener_config",
          "use_original_dst");

  /** Reads a file's root; empty when it is neither. */
  static Optional<EnvoyFile> of(Place root) {
    if (root.get("configs").isPresent()) {
      return Optional.of(dump(root));
    }
    boolean bootstrap =
        root.get("static_resources").isPresent() || root.get("dynamic_resources").isPresent();
    return bootstrap ? Optional.of(bootstrap(root)) : Optional.empty();
  }

  /** Every filter chain of a listener. */
  static List<Place> chains(Place listener) {
    List<Place> chains = new ArrayList<>(listener.items("filter_chains"));
    listener.get("default_filter_chain").ifPresent(chains::add);
    return chains;
  }

  /** The connection manager that a network filter is. */
  static Optional<Place> manager(Place filter) {
    return filter.get("typed_config").filter(it -> it.type().equals(MANAGER)).map(Place::typed);
  }

  /** The routes of a connection manager, in it or by its name for them. */
  Optional<Place> routesOf(Place manager) {
    return manager
        .get("route_config")
        .or(() ->
            manager
                .get("rds")
                .map(rds -> rds.text("route_config_name"))
                .flatMap(name -> Optional.ofNullable(routes.get(name))));
  }

  private static EnvoyFile bootstrap(Place root) {
    List<Place> listeners = new ArrayList<>();
    Map<String, Place> clusters = new HashMap<>();
    Map<String, Place> secrets = new HashMap<>();
    root.get("static_resources")
        .ifPresent(resources -> {
          listeners.addAll(resources.items("listeners"));
          resources.items("clusters").forEach(it -> clusters.put(it.text("name"), it));
          resources.items("secrets").forEach(it -> secrets.put(it.text("name"), it));
        });
    return new EnvoyFile(
        listeners,
        Map.of(),
        clusters,
        secrets,
        root.get("dynamic_resources", "lds_config")
            .or(() -> root.get("dynamic_resources", "lds_resources_locator")));
  }

  private static EnvoyFile dump(Place root) {
    List<Place> listeners = new ArrayList<>();
    Map<String, Place> routes = new HashMap<>();
    Map<String, Place> clusters = new HashMap<>();
    Map<String, Place> secrets = new HashMap<>();
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
      for (String kind : List.of("static_secrets", "dynamic_active_secrets")) {
        for (Place found : config.items(kind)) {
          found.get("secret").ifPresent(it -> secrets.put(it.text("name"), it));
        }
      }
    }
    return new EnvoyFile(listeners, routes, clusters, secrets, Optional.empty());
  }
}
