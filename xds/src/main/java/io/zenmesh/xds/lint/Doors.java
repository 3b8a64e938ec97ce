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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Whether an ingress asks through ext_authz. It is held to that door's reference then. */
  static boolean asksByAuthorization(Listener listener) {
    return listener.getFilterChainsList().stream()
        .flatMap(chain -> chain.getFiltersList().stream())
        .anyMatch(Doors::asksByAuthorization);
  }

  /** The same of a whole snapshot. */
  static boolean asksByAuthorization(NodeSnapshot snapshot) {
    Resource ingress = snapshot.resources(ResourceType.LISTENER).get(ResourceNames.INGRESS);
    try {
      return ingress != null && asksByAuthorization(ingress.body().unpack(Listener.class));
    } catch (InvalidProtocolBufferException malformed) {
      return false;
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

  /** The reference of an ingress listener with the other pair in it. */
  static Listener byAuthorization(Listener reference) {
    Listener.Builder listener = reference.toBuilder();
    for (FilterChain.Builder chain : listener.getFilterChainsBuilderList()) {
      for (Filter.Builder filter : chain.getFiltersBuilderList()) {
        HttpConnectionManager manager =
            References.unpack(filter.getTypedConfig(), HttpConnectionManager.class);
        filter.setTypedConfig(Any.pack(byAuthorization(manager)));
      }
    }
    return listener.build();
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

  /** A route behind ext_authz must name its own endpoint, and say nothing else of any filter. */
  static Rule namesItsEndpoint(Route route) {
    ExtAuthzPerRoute own =
        ExtAuthzPerRoute.newBuilder()
            .setCheckSettings(
                CheckSettings.newBuilder()
                    .putContextExtensions(AuthorizationDoor.ENDPOINT, route.getName()))
            .build();
    return value -> {
      Map<String, Any> configs = route.getTypedPerFilterConfigMap();
      boolean allowed =
          configs.size() == 1 && isA(own, Optional.ofNullable(configs.get(AUTHORIZATION)));
      return allowed
          ? Optional.empty()
          : Optional.of("not allowed (expected: only the route's own endpoint for ext_authz)");
    };
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
