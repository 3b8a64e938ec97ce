package io.zenmesh.xds.lint;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Ingress: exact hosts of one tenant each, exact paths, one upstream, and no per-route filter
 * configuration but those of {@link OverrideLint} and those of {@link AccessLint}, which refuse
 * requests before the processor is asked. A host that asks for client certificates stands alone.
 * Egress: by the three result headers to a destination of the same tenant.
 */
final class RouteLint {
  private static final String CONFIGURATION = "envoy.config.route.v3.RouteConfiguration.";
  private static final String HOST = "envoy.config.route.v3.VirtualHost.";
  private static final String ROUTE = "envoy.config.route.v3.Route.";
  private static final String MATCH = "envoy.config.route.v3.RouteMatch.";
  private static final String ACTION = "envoy.config.route.v3.RouteAction.";

  private static final RouteConfiguration NO_HOSTS =
      (RouteConfiguration) References.load("routes", RouteConfiguration.newBuilder());
  private static final Route INGRESS = (Route) References.load("ingress-route", Route.newBuilder());
  private static final Route EGRESS = (Route) References.load("egress-route", Route.newBuilder());

  private static final Rule ROUTE_NAME =
      Rule.text(name -> endpoint(name).isPresent(), "tenant/endpoint");
  private static final Rule EGRESS_ROUTE_NAME =
      Rule.text(name -> endpoint(verified(name)).isPresent(), "tenant/endpoint, or its dry run");
  // Above the processor's answer, below the deadline of a replay claim.
  private static final Rule TIMEOUT =
      Rule.duration(Durations.fromSeconds(2), Durations.fromSeconds(15));

  private RouteLint() {}

  /**
   * @param clusters the names of the snapshot's clusters
   * @param byAuthorization whether the filter chain of these routes asks through ext_authz
   */
  static List<Difference> lint(
      RouteConfiguration routes, Set<String> clusters, boolean byAuthorization) {
    String name = routes.getName();
    Optional<String> clientHost = ResourceNames.hostOf(name);
    boolean ingress = name.equals(ResourceNames.INGRESS) || clientHost.isPresent();
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
    if (clientHost.isPresent()
        && !routes.getVirtualHostsList().stream()
            .map(VirtualHost::getName)
            .toList()
            .equals(List.of(clientHost.get()))) {
      found.add(new Difference("virtual_hosts", "other hosts (expected: exactly the one named)"));
    }
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
            ingress
                ? ingressRoute(route, clientHost.isPresent(), byAuthorization)
                : egressRoute(route, clusters));
        if (!names.add(route.getName())) {
          found.add(new Difference(routePath + ".name", "used twice (expected: unique)"));
        }
      }
    }
    return found;
  }

  /** The endpoints that the routes name. */
  static Set<String> names(RouteConfiguration routes) {
    return named(routes, route -> true);
  }

  /** The tenants of those endpoints. */
  static Set<Name> tenants(RouteConfiguration routes) {
    return names(routes).stream()
        .flatMap(name -> endpoint(name).stream())
        .map(EndpointRef::tenant)
        .collect(Collectors.toSet());
  }

  /** The endpoints whose routes do not show the processor the response. */
  static Set<String> withoutOutcome(RouteConfiguration routes) {
    return named(routes, route -> !OverrideLint.showsOutcome(route));
  }

  /** The endpoints whose routes let on what the processor did not verify. */
  static Set<String> inDryRun(RouteConfiguration routes) {
    return named(routes, OverrideLint::isDryRun);
  }

  private static Set<String> named(RouteConfiguration routes, Predicate<Route> which) {
    Set<String> names = new HashSet<>();
    routes
        .getVirtualHostsList()
        .forEach(host ->
            host.getRoutesList().stream()
                .filter(which)
                .forEach(route -> names.add(route.getName())));
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

  private static List<Difference> ingressRoute(
      Route route, boolean clientHost, boolean byAuthorization) {
    return new Shape(
            INGRESS,
            Map.of(
                ROUTE + "name",
                ROUTE_NAME,
                ROUTE + "typed_per_filter_config",
                byAuthorization
                    ? Doors.namesItsEndpoint(route, clientHost)
                    : value -> OverrideLint.problem(value, clientHost),
                MATCH + "path",
                Rule.text(path -> path.startsWith("/"), "an exact path"),
                ACTION + "timeout",
                TIMEOUT))
        .differences(route);
  }

  private static List<Difference> egressRoute(Route route, Set<String> clusters) {
    Optional<EndpointRef> endpoint = endpoint(verified(route.getName()));
    String owned =
        "destination/" + endpoint.map(ref -> ref.tenant().value()).orElse("unknown") + "/";
    return new Shape(
            EGRESS,
            Map.of(
                ROUTE + "name",
                EGRESS_ROUTE_NAME,
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
    if (endpoint.isEmpty()) {
      return Optional.of("not allowed (expected: on the route of an endpoint)");
    }
    List<HeaderMatcher> allowed = new ArrayList<>();
    allowed.add(exactly(ResultHeaders.TENANT, endpoint.get().tenant().value()));
    allowed.add(exactly(ResultHeaders.ENDPOINT, endpoint.get().endpoint().value()));
    if (route.getName().equals(verified(route.getName()))) {
      allowed.add(exactly(ResultHeaders.VERIFIED, "true"));
    } else {
      allowed.add(verdict());
      allowed.add(
          HeaderMatcher.newBuilder()
              .setName(ResultHeaders.VERIFIED)
              .setPresentMatch(false)
              .build());
    }
    return route.getMatch().getHeadersList().equals(allowed)
        ? Optional.empty()
        : Optional.of("not allowed (expected: exactly the route's tenant, endpoint and verified)");
  }

  /** The name without what marks it as the route of a dry run. */
  private static String verified(String name) {
    String suffix = ":dry-run";
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  private static HeaderMatcher verdict() {
    return HeaderMatcher.newBuilder()
        .setName(ResultHeaders.VERDICT)
        .setStringMatch(
            StringMatcher.newBuilder()
                .setSafeRegex(RegexMatcher.newBuilder().setRegex("verified|refused:[a-z_]+")))
        .build();
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
