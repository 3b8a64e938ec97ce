package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;

/**
 * The second door to the processor: an ingress whose Envoy asks through ext_authz instead of
 * ext_proc.
 *
 * <p>In place of ext_proc and its gate stand ext_authz, a gate that reads ext_authz's metadata, and
 * a filter that removes request trailers; each route tells its endpoint. There is no response
 * phase: a message is remembered once and for all, and there is no dry run.
 */
public final class AuthorizationDoor {
  /** The context extension by which a route names its endpoint, {@code tenant/endpoint}. */
  public static final String ENDPOINT = "zen.endpoint";

  private AuthorizationDoor() {}

  /**
   * The same ingress through this door.
   *
   * @param ingress a snapshot of {@link SnapshotFactory#ingress}
   * @param versions gives the changed resources their version; stays the caller's to close
   */
  public static NodeSnapshot of(NodeSnapshot ingress, ContentVersion versions) {
    List<Resource> resources = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      for (Resource resource : ingress.resources(type).values()) {
        resources.add(
            switch (type) {
              case LISTENER ->
                  versions.resource(
                      type, resource.name(), listener(unpack(resource.body(), Listener.class)));
              case ROUTE ->
                  versions.resource(
                      type,
                      resource.name(),
                      routes(unpack(resource.body(), RouteConfiguration.class)));
              case CLUSTER, SECRET, POLICY, KEYS, ENDPOINT -> resource;
            });
      }
    }
    return NodeSnapshot.of(resources);
  }

  private static Listener listener(Listener ingress) {
    Listener.Builder listener = ingress.toBuilder();
    for (FilterChain.Builder chain : listener.getFilterChainsBuilderList()) {
      for (Filter.Builder filter : chain.getFiltersBuilderList()) {
        HttpConnectionManager manager =
            unpack(filter.getTypedConfig(), HttpConnectionManager.class);
        filter.setTypedConfig(Any.pack(manager(manager)));
      }
    }
    return listener.build();
  }

  /** In place of ext_proc and the gate directly after it; every other filter stays where it is. */
  private static HttpConnectionManager manager(HttpConnectionManager manager) {
    HttpConnectionManager.Builder changed = manager.toBuilder().clearHttpFilters();
    String before = "";
    for (HttpFilter filter : manager.getHttpFiltersList()) {
      boolean gate =
          filter.getName().equals(ProofGate.FILTER) && before.equals(ProcessorFilter.FILTER);
      if (filter.getName().equals(ProcessorFilter.FILTER)) {
        changed
            .addHttpFilters(AuthorizationFilter.filter())
            .addHttpFilters(ProofGate.behindAuthorization())
            .addHttpFilters(AuthorizationFilter.withoutTrailers());
      } else if (!gate) {
        changed.addHttpFilters(filter);
      }
      before = filter.getName();
    }
    return changed.build();
  }

  private static RouteConfiguration routes(RouteConfiguration ingress) {
    RouteConfiguration.Builder routes = ingress.toBuilder();
    for (VirtualHost.Builder host : routes.getVirtualHostsBuilderList()) {
      for (Route.Builder route : host.getRoutesBuilderList()) {
        route
            .removeTypedPerFilterConfig(ProcessorFilter.FILTER)
            .removeTypedPerFilterConfig(ProofGate.FILTER)
            .putTypedPerFilterConfig(
                AuthorizationFilter.FILTER, AuthorizationFilter.endpoint(route.getName()));
      }
    }
    return routes.build();
  }

  private static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "snapshot: " + any.getTypeUrl() + " (expected: an ingress of the factory)", e);
    }
  }
}
