package io.zenmesh.e2e.failclosed;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Takes one guard out of a rendered snapshot, so that a test sees what the other ones do. */
final class Guards {
  private static final String GATE = "envoy.filters.http.rbac";

  private Guards() {}

  /** The ingress listener without its proof gate. */
  static NodeSnapshot gateRemoved(NodeSnapshot snapshot) {
    return changed(snapshot, ResourceType.LISTENER, Listener.class, Guards::withoutGate);
  }

  /** The egress routes without their conditions on the processor's headers. */
  static NodeSnapshot egressOpened(NodeSnapshot snapshot) {
    return changed(
        snapshot, ResourceType.ROUTE, RouteConfiguration.class, Guards::withoutConditions);
  }

  private static Listener withoutGate(Listener listener) {
    Listener.Builder changed = listener.toBuilder();
    for (FilterChain.Builder chain : changed.getFilterChainsBuilderList()) {
      for (Filter.Builder filter : chain.getFiltersBuilderList()) {
        HttpConnectionManager.Builder manager =
            unpack(filter.getTypedConfig(), HttpConnectionManager.class).toBuilder();
        List<HttpFilter> others =
            manager.getHttpFiltersList().stream()
                .filter(http -> !http.getName().equals(GATE))
                .toList();
        assertThat(others).hasSize(manager.getHttpFiltersCount() - 1);
        filter.setTypedConfig(
            Any.pack(manager.clearHttpFilters().addAllHttpFilters(others).build()));
      }
    }
    return changed.build();
  }

  private static RouteConfiguration withoutConditions(RouteConfiguration routes) {
    RouteConfiguration.Builder changed = routes.toBuilder();
    for (VirtualHost.Builder host : changed.getVirtualHostsBuilderList()) {
      for (Route.Builder route : host.getRoutesBuilderList()) {
        assertThat(route.getMatch().getHeadersCount()).isPositive();
        route.getMatchBuilder().clearHeaders();
      }
    }
    return changed.build();
  }

  private static <T extends Message> NodeSnapshot changed(
      NodeSnapshot snapshot, ResourceType wanted, Class<T> content, Function<T, T> change) {
    List<Resource> resources = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      for (Resource resource : snapshot.resources(type).values()) {
        resources.add(
            type == wanted
                ? new Resource(
                    type,
                    resource.name(),
                    "changed",
                    Any.pack(change.apply(unpack(resource.body(), content))))
                : resource);
      }
    }
    return NodeSnapshot.of(resources);
  }

  private static <T extends Message> T unpack(Any any, Class<T> content) {
    try {
      return any.unpack(content);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
