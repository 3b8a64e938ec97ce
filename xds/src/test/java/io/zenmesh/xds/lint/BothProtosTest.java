package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every field of the filter that asks and of the gate, and of what a route may say of either,
 * changed one at a time by reflection: each change is a finding of both linters.
 */
class BothProtosTest {
  private static final String MESSAGE_TIMEOUT = "message_timeout.";
  private static final NodeSnapshot INGRESS = Weakened.ingress();
  private static final NodeSnapshot BY_AUTHORIZATION = Weakened.ingressByAuthorization();

  /** The snapshot, the message's type, how many changes there are, and which may pass. */
  static Stream<Arguments> protos() {
    // Within its bounds: above twice the store's time-out, below the route's.
    Set<String> timeout = Set.of(MESSAGE_TIMEOUT + "seconds", MESSAGE_TIMEOUT + "nanos");
    return Stream.of(
        Arguments.of(INGRESS, ExternalProcessor.class, 59, timeout),
        Arguments.of(INGRESS, RBAC.class, 62, Set.of()),
        Arguments.of(INGRESS, ExtProcPerRoute.class, 15, Set.of()),
        Arguments.of(INGRESS, RBACPerRoute.class, 114, Set.of()),
        Arguments.of(
            BY_AUTHORIZATION,
            ExtAuthz.class,
            55,
            Set.of("grpc_service.timeout.seconds", "grpc_service.timeout.nanos")),
        Arguments.of(BY_AUTHORIZATION, RBAC.class, 63, Set.of()),
        Arguments.of(BY_AUTHORIZATION, ExtAuthzPerRoute.class, 8, Set.of()));
  }

  @ParameterizedTest
  @MethodSource("protos")
  void E14_everyField_flipped_isAFindingOfBothLinters(
      NodeSnapshot snapshot, Class<? extends Message> type, int count, Set<String> passing) {
    Message rendered = rendered(snapshot, type);
    List<Flips.Flip> flips = Flips.of(rendered);
    System.out.println(type.getSimpleName() + ": " + flips.size() + " changes of its fields");
    assertThat(flips).hasSize(count);
    assertThat(flips.stream().map(flip -> flip.path().split("[.+-]", 2)[0]))
        .as("every field of the message")
        .containsAll(
            rendered.getDescriptorForType().getFields().stream()
                .map(FieldDescriptor::getName)
                .collect(Collectors.toSet()));

    Set<String> unseenByUsers = new TreeSet<>();
    Set<String> unseenByOurs = new TreeSet<>();
    for (Flips.Flip flip : flips) {
      NodeSnapshot changed = with(snapshot, type, flip.changed());
      if (EnvoyLinter.lint(OwnEnvoys.mesh(changed), OwnEnvoys.knownMesh()).isEmpty()) {
        unseenByUsers.add(flip.path());
      }
      if (SnapshotLinter.lint(changed).isEmpty()) {
        unseenByOurs.add(flip.path());
      }
    }
    assertThat(unseenByUsers).as("unseen in users' files").isEqualTo(passing);
    assertThat(unseenByOurs)
        .as("unseen in snapshots")
        .isEqualTo(type.equals(ExtAuthz.class) ? Set.of() : passing);
  }

  private static boolean isAccess(String filter) {
    return filter.startsWith("zen.filters.http.");
  }

  private static Message rendered(NodeSnapshot snapshot, Class<? extends Message> type) {
    Stream<Any> filters =
        manager(snapshot).getHttpFiltersList().stream()
            .filter(filter -> !isAccess(filter.getName()))
            .map(HttpFilter::getTypedConfig);
    Stream<Any> routes =
        routes(snapshot).getVirtualHostsList().stream()
            .flatMap(host -> host.getRoutesList().stream())
            .flatMap(route -> route.getTypedPerFilterConfigMap().values().stream());
    return Stream.concat(filters, routes)
        .filter(config -> config.is(type))
        .map(config -> (Message) Weakened.unpack(config, type))
        .findFirst()
        .orElseThrow();
  }

  private static HttpConnectionManager manager(NodeSnapshot snapshot) {
    return Weakened.unpack(
        listener(snapshot).getFilterChains(0).getFilters(0).getTypedConfig(),
        HttpConnectionManager.class);
  }

  private static Listener listener(NodeSnapshot snapshot) {
    return Weakened.get(snapshot, ResourceType.LISTENER, "ingress", Listener.class);
  }

  private static RouteConfiguration routes(NodeSnapshot snapshot) {
    return Weakened.get(snapshot, ResourceType.ROUTE, "ingress", RouteConfiguration.class);
  }

  /** The changed message wherever one of its type is. */
  private static NodeSnapshot with(
      NodeSnapshot snapshot, Class<? extends Message> type, Message changed) {
    Predicate<Any> replaced = config -> config.is(type);
    HttpConnectionManager.Builder manager = manager(snapshot).toBuilder();
    for (HttpFilter.Builder filter : manager.getHttpFiltersBuilderList()) {
      if (replaced.test(filter.getTypedConfig()) && !isAccess(filter.getName())) {
        filter.setTypedConfig(Any.pack(changed));
      }
    }
    Listener.Builder listener = listener(snapshot).toBuilder();
    Filter.Builder filter = listener.getFilterChainsBuilder(0).getFiltersBuilder(0);
    filter.setTypedConfig(Any.pack(manager.build()));
    RouteConfiguration.Builder routes = routes(snapshot).toBuilder();
    for (VirtualHost.Builder host : routes.getVirtualHostsBuilderList()) {
      for (Route.Builder route : host.getRoutesBuilderList()) {
        route
            .build()
            .getTypedPerFilterConfigMap()
            .forEach((name, config) -> {
              if (replaced.test(config)) {
                route.putTypedPerFilterConfig(name, Any.pack(changed));
              }
            });
      }
    }
    NodeSnapshot listening =
        Weakened.with(snapshot, ResourceType.LISTENER, "ingress", listener.build());
    return Weakened.with(listening, ResourceType.ROUTE, "ingress", routes.build());
  }
}
