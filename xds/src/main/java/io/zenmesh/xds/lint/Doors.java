package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.CheckSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.resource.AuthorizationDoor;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The two approved pairs of a filter that asks the processor and the gate that reads its proof:
 * ext_proc and its gate, or ext_authz and its own.
 */
final class Doors {
  private static final String PROCESSOR = "envoy.filters.http.ext_proc";
  private static final String GATE = "envoy.filters.http.rbac";
  private static final String AUTHORIZATION = "envoy.filters.http.ext_authz";
  private static final HttpConnectionManager PAIR =
      (HttpConnectionManager)
          References.load("authorization-filters", HttpConnectionManager.newBuilder());

  private Doors() {}

  /** The filters of ext_authz's door alone, in their order. */
  static HttpConnectionManager pair() {
    return PAIR;
  }

  /**
   * Whether requests of this filter chain ask through ext_authz. Each chain has a door of its own
   * and is held to that door's reference, with both filters in it too.
   */
  static boolean asksByAuthorization(FilterChain chain) {
    return chain.getFiltersList().stream().anyMatch(Doors::asksByAuthorization);
  }

  /**
   * The names of an ingress's route configurations whose chain asks through ext_authz; a chain and
   * its routes share a name.
   */
  static Set<String> routesByAuthorization(NodeSnapshot snapshot) {
    Resource ingress = snapshot.resources(ResourceType.LISTENER).get(ResourceNames.INGRESS);
    try {
      return ingress == null
          ? Set.of()
          : ingress.body().unpack(Listener.class).getFilterChainsList().stream()
              .filter(Doors::asksByAuthorization)
              .map(FilterChain::getName)
              .collect(Collectors.toSet());
    } catch (InvalidProtocolBufferException malformed) {
      return Set.of();
    }
  }

  private static boolean asksByAuthorization(Filter filter) {
    try {
      return filter.getTypedConfig().is(HttpConnectionManager.class)
          && filter
              .getTypedConfig()
              .unpack(HttpConnectionManager.class)
              .getHttpFiltersList()
              .stream()
              .anyMatch(http -> http.getName().equals(AUTHORIZATION));
    } catch (InvalidProtocolBufferException malformed) {
      return false;
    }
  }

  /** The reference of an ingress chain with the other pair in it. */
  static FilterChain byAuthorization(FilterChain reference) {
    FilterChain.Builder chain = reference.toBuilder();
    for (Filter.Builder filter : chain.getFiltersBuilderList()) {
      HttpConnectionManager manager =
          References.unpack(filter.getTypedConfig(), HttpConnectionManager.class);
      filter.setTypedConfig(Any.pack(byAuthorization(manager)));
    }
    return chain.build();
  }

  private static HttpConnectionManager byAuthorization(HttpConnectionManager manager) {
    List<HttpFilter> filters =
        manager.getHttpFiltersList().stream()
            .flatMap(filter ->
                switch (filter.getName()) {
                  case PROCESSOR -> PAIR.getHttpFiltersList().stream();
                  case GATE -> Stream.empty();
                  default -> Stream.of(filter);
                })
            .toList();
    return manager.toBuilder().clearHttpFilters().addAllHttpFilters(filters).build();
  }

  /**
   * A route behind ext_authz must name its own endpoint, and beside that have nothing but the
   * access filters of {@link AccessLint}, which refuse before ext_authz asks.
   *
   * @param clientHost whether the route's host asks for client certificates
   */
  static Rule namesItsEndpoint(Route route, boolean clientHost) {
    ExtAuthzPerRoute own = naming(route.getName());
    return value -> {
      Map<String, Any> configs = new HashMap<>(route.getTypedPerFilterConfigMap());
      boolean named = isA(own, Optional.ofNullable(configs.remove(AUTHORIZATION)));
      boolean allowed =
          named
              && configs.entrySet().stream()
                  .allMatch(config ->
                      AccessLint.isAllowed(config.getKey(), config.getValue(), clientHost));
      return allowed
          ? Optional.empty()
          : Optional.of(
              "not allowed (expected: the route's own endpoint for ext_authz, and access filters"
                  + " at most)");
    };
  }

  /** How a route tells ext_authz its endpoint. */
  static ExtAuthzPerRoute naming(String endpoint) {
    return ExtAuthzPerRoute.newBuilder()
        .setCheckSettings(
            CheckSettings.newBuilder().putContextExtensions(AuthorizationDoor.ENDPOINT, endpoint))
        .build();
  }

  private static boolean isA(Message expected, Optional<Any> found) {
    try {
      return found.isPresent()
          && found.get().is(ExtAuthzPerRoute.class)
          && found.get().unpack(ExtAuthzPerRoute.class).equals(expected);
    } catch (InvalidProtocolBufferException malformed) {
      return false;
    }
  }
}
