package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ingress: exact hosts of one tenant each, exact paths, one upstream, and no per-route filter
 * configuration but the one that shows the processor the response. Egress: by the three result
 * headers to a destination of the same tenant.
 */
final class RouteLint {
  private static final String CONFIGURATION = "envoy.config.route.v3.RouteConfiguration.";
  private static final String HOST = "envoy.config.route.v3.VirtualHost.";
  private static final String ROUTE = "envoy.config.route.v3.Route.";
  private static final String MATCH = "envoy.config.route.v3.RouteMatch.";
  private static final String ACTION = "envoy.config.route.v3.RouteAction.";
  private static final String PROCESSOR = "envoy.filters.http.ext_proc";

  private static final RouteConfiguration NO_HOSTS =
      (RouteConfiguration) References.load("routes", RouteConfiguration.newBuilder());
  private static final Route INGRESS = (Route) References.load("ingress-route", Route.newBuilder());
  private static final Route EGRESS = (Route) References.load("egress-route", Route.newBuilder());
  private static final ExtProcPerRoute OUTCOME =
      (ExtProcPerRoute) References.load("outcome-override", ExtProcPerRoute.newBuilder());

  private static final Rule ROUTE_NAME =
      Rule.text(name -> endpoint(name).isPresent(), "tenant/endpoint");
  // Above the processor's answer, below the deadline of a replay claim.
  private static final Rule TIMEOUT =
      Rule.duration(Durations.fromSeconds(2), Durations.fromSeconds(15));

  private RouteLint() {}

  /**
   * @param clusters the names of the snapshot's clusters
   * @param byAuthorization whether the snapshot's listener asks through ext_authz
   */
  static List<Difference> lint(
      RouteConfiguration routes, Set<String> clusters, boolean byAuthorization) {
    String name = routes.getName();
    boolean ingress = name.equals(ResourceNames.INGRESS);
    if (!ingress && !name.equals(ResourceNames.EGRESS)) {
      return List.of(new Difference("name", "unknown routes (expected: ingress or egress)"));
    }
    List<Difference> found =
        new ArrayList<>(
            new Shape(
                    NO_HOSTS,
                    Map.of(
                        CONFIGURATION + "name", Rule.ELSEWHERE,
                        CONFIGURATION + "virtual_hosts", Rule.ELSEWHERE))
                .differences(routes));
    Set<String> names = new HashSet<>();
    for (int i = 0; i < routes.getVirtualHostsCount(); i++) {
      VirtualHost host = routes.getVirtualHosts(i);
      String path = "virtual_hosts[" + i + "]";
      append(found, path, host(host, ingress));
      for (int j = 0; j < host.getRoutesCount(); j++) {
        Route route = host.getRoutes(j);
        String routePath = path + ".routes[" + j + "]";
        append(
            found,
            routePath,
            ingress ? ingressRoute(route, byAuthorization) : egressRoute(route, clusters));
        if (!names.add(route.getName())) {
          found.add(new Difference(routePath + ".name", "used twice (expected: unique)"));
        }
      }
    }
    return found;
  }

  /** The endpoints that the routes name. */
  static Set<String> names(RouteConfiguration routes) {
    Set<String> names = new HashSet<>();
    routes
        .getVirtualHostsList()
        .forEach(host -> host.getRoutesList().forEach(route -> names.add(route.getName())));
    return names;
  }

  /** The endpoints whose routes do not show the processor the response. */
  static Set<String> withoutOutcome(RouteConfiguration routes) {
    Set<String> names = new HashSet<>();
    for (VirtualHost host : routes.getVirtualHostsList()) {
      for (Route route : host.getRoutesList()) {
        Any override = route.getTypedPerFilterConfigOrDefault(PROCESSOR, Any.getDefaultInstance());
        if (!isOutcome(override)) {
          names.add(route.getName());
        }
      }
    }
    return names;
  }

  private static List<Difference> host(VirtualHost host, boolean ingress) {
    List<Difference> found =
        new ArrayList<>(
            new Shape(
                    VirtualHost.getDefaultInstance(),
                    Map.of(
                        HOST + "name", Rule.ELSEWHERE,
                        HOST + "domains", Rule.ELSEWHERE,
                        HOST + "routes", Rule.ELSEWHERE))
                .differences(host));
    List<String> domains = ingress ? List.of(host.getName(), host.getName() + ":*") : List.of("*");
    if (!host.getDomainsList().equals(domains)
        || (ingress && !host.getName().matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?"))) {
      found.add(
          new Difference(
              "domains", "not allowed (expected: the host's exact name, with any port)"));
    }
    if (ingress) {
      long tenants =
          host.getRoutesList().stream()
              .map(route -> endpoint(route.getName()).map(EndpointRef::tenant))
              .distinct()
              .count();
      if (tenants > 1) {
        found.add(new Difference("routes", "of two tenants (expected: one tenant for each host)"));
      }
      long paths =
          host.getRoutesList().stream().map(route -> route.getMatch().getPath()).distinct().count();
      if (paths != host.getRoutesCount()) {
        found.add(new Difference("routes", "a path twice (expected: unique paths)"));
      }
    }
    return found;
  }

  private static List<Difference> ingressRoute(Route route, boolean byAuthorization) {
    return new Shape(
            INGRESS,
            Map.of(
                ROUTE + "name",
                ROUTE_NAME,
                ROUTE + "typed_per_filter_config",
                byAuthorization ? Doors.namesItsEndpoint(route) : RouteLint::outcomeOverride,
                MATCH + "path",
                Rule.text(path -> path.startsWith("/"), "an exact path"),
                ACTION + "timeout",
                TIMEOUT))
        .differences(route);
  }

  private static List<Difference> egressRoute(Route route, Set<String> clusters) {
    Optional<EndpointRef> endpoint = endpoint(route.getName());
    String owned =
        "destination/" + endpoint.map(ref -> ref.tenant().value()).orElse("unknown") + "/";
    return new Shape(
            EGRESS,
            Map.of(
                ROUTE + "name",
                ROUTE_NAME,
                MATCH + "headers",
                value -> resultHeaders(route, endpoint),
                ACTION + "cluster",
                Rule.text(
                    cluster -> cluster.startsWith(owned) && clusters.contains(cluster),
                    "a destination of the route's tenant, in the snapshot"),
                ACTION + "timeout",
                TIMEOUT,
                ACTION + "host_rewrite_literal",
                Rule.text(host -> !host.isEmpty(), "the target's authority"),
                ACTION + "regex_rewrite",
                Rule.absentOr(
                    Rule.message(
                        RegexMatchAndSubstitute.parser(),
                        RouteLint::isWholePath,
                        "the whole path replaced"))))
        .differences(route);
  }

  private static Optional<String> resultHeaders(Route route, Optional<EndpointRef> endpoint) {
    boolean exact =
        endpoint.isPresent()
            && route
                .getMatch()
                .getHeadersList()
                .equals(
                    List.of(
                        exactly(ResultHeaders.TENANT, endpoint.get().tenant().value()),
                        exactly(ResultHeaders.ENDPOINT, endpoint.get().endpoint().value()),
                        exactly(ResultHeaders.VERIFIED, "true")));
    return exact
        ? Optional.empty()
        : Optional.of("not allowed (expected: exactly the route's tenant, endpoint and verified)");
  }

  private static boolean isWholePath(RegexMatchAndSubstitute rewrite) {
    return rewrite.getSubstitution().startsWith("/")
        && rewrite.equals(
            RegexMatchAndSubstitute.newBuilder()
                .setPattern(RegexMatcher.newBuilder().setRegex("^.*$"))
                .setSubstitution(rewrite.getSubstitution())
                .build());
  }

  private static HeaderMatcher exactly(String name, String value) {
    return HeaderMatcher.newBuilder()
        .setName(name)
        .setStringMatch(StringMatcher.newBuilder().setExact(value))
        .build();
  }

  private static Optional<String> outcomeOverride(Optional<Object> value) {
    List<?> entries = value.map(found -> (List<?>) found).orElse(List.of());
    boolean allowed =
        entries.isEmpty() || (entries.size() == 1 && isOutcomeOverride((Message) entries.get(0)));
    return allowed
        ? Optional.empty()
        : Optional.of("not allowed (expected: none, or only the response shown to the processor)");
  }

  private static boolean isOutcomeOverride(Message entry) {
    Object key = entry.getField(entry.getDescriptorForType().findFieldByNumber(1));
    Object value = entry.getField(entry.getDescriptorForType().findFieldByNumber(2));
    return key.equals(PROCESSOR) && isOutcome(Rule.parse(Any.parser(), (Message) value));
  }

  private static boolean isOutcome(Any override) {
    try {
      return override.is(ExtProcPerRoute.class)
          && override.unpack(ExtProcPerRoute.class).equals(OUTCOME);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  private static Optional<EndpointRef> endpoint(String routeName) {
    try {
      return Optional.of(EndpointRef.parse(routeName));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void append(List<Difference> found, String path, List<Difference> inner) {
    inner.forEach(difference ->
        found.add(new Difference(path + "." + difference.path(), difference.problem())));
  }
}
