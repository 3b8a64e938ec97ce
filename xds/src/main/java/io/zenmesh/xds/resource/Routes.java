package io.zenmesh.xds.resource;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The routes of each kind of Envoy. What matches none is answered 404 by Envoy itself.
 *
 * <p>Ingress goes by host and exact path; egress by the result headers that the processor set.
 */
final class Routes {
  private static final String WHOLE_PATH = "^.*$";
  private static final int HTTPS_PORT = 443;

  private Routes() {}

  /**
   * @throws IllegalArgumentException when a host is malformed or belongs to two tenants, a path is
   *     malformed, or two routes share host and path or name
   */
  static RouteConfiguration ingress(IngressNode node) {
    Map<String, List<IngressRoute>> byHost =
        node.routes().stream()
            .collect(Collectors.groupingBy(IngressRoute::host, TreeMap::new, Collectors.toList()));
    if (node.routes().stream().map(IngressRoute::endpoint).distinct().count()
        != node.routes().size()) {
      throw new IllegalArgumentException("route: an endpoint twice (expected: one route for each)");
    }
    RouteConfiguration.Builder routes = configuration(ResourceNames.INGRESS);
    byHost.forEach((host, found) -> routes.addVirtualHosts(virtualHost(host, found)));
    return routes.build();
  }

  /**
   * @throws IllegalArgumentException when an endpoint's destination belongs to another tenant
   */
  static RouteConfiguration egress(EgressNode node) {
    VirtualHost.Builder host =
        VirtualHost.newBuilder().setName(ResourceNames.EGRESS).addDomains("*");
    new TreeMap<>(node.routes())
        .forEach((endpoint, destination) -> {
          host.addRoutes(egressRoute(endpoint, destination));
          if (node.dryRun().contains(endpoint)) {
            host.addRoutes(dryRunRoute(egressRoute(endpoint, destination)));
          }
        });
    return configuration(ResourceNames.EGRESS).addVirtualHosts(host).build();
  }

  private static RouteConfiguration.Builder configuration(String name) {
    // A route may come before its cluster: Envoy answers 503 for it until the cluster is there.
    return RouteConfiguration.newBuilder().setName(name).setValidateClusters(BoolValue.of(false));
  }

  private static VirtualHost virtualHost(String host, List<IngressRoute> routes) {
    checkHost(host);
    if (routes.stream().map(route -> route.endpoint().tenant()).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "host: " + host + " is used by two tenants (expected: one tenant for each host)");
    }
    if (routes.stream().map(IngressRoute::path).distinct().count() != routes.size()) {
      throw new IllegalArgumentException(
          "path: twice on host " + host + " (expected: one endpoint for each path)");
    }
    VirtualHost.Builder virtualHost =
        VirtualHost.newBuilder().setName(host).addDomains(host).addDomains(host + ":*");
    routes.stream()
        .sorted(Comparator.comparing(IngressRoute::endpoint))
        .forEach(route -> virtualHost.addRoutes(ingressRoute(route)));
    return virtualHost.build();
  }

  private static Route ingressRoute(IngressRoute route) {
    checkPath(route.path());
    Route.Builder envoyRoute =
        Route.newBuilder()
            .setName(route.endpoint().routeName())
            .setMatch(RouteMatch.newBuilder().setPath(route.path()))
            .setRoute(
                RouteAction.newBuilder()
                    .setCluster(ResourceNames.EGRESS_CLUSTER)
                    .setTimeout(Limits.INGRESS_ROUTE));
    if (route.outcomeNeeded()) {
      envoyRoute.putTypedPerFilterConfig(ProcessorFilter.FILTER, ProcessorFilter.outcomeOverride());
    }
    if (!route.enforce()) {
      envoyRoute.putTypedPerFilterConfig(ProofGate.FILTER, ProofGate.dryRunOverride());
    }
    return envoyRoute.build();
  }

  /** The same way for what is not verified, or not known to be. */
  private static Route dryRunRoute(Route verified) {
    Route.Builder route =
        verified.toBuilder().setName(verified.getName() + ResourceNames.DRY_RUN_SUFFIX);
    route
        .getMatchBuilder()
        .setHeaders(2, matching(ResultHeaders.VERDICT, ResultHeaders.VERDICT_VALUES))
        .addHeaders(absent(ResultHeaders.VERIFIED));
    return route.build();
  }

  private static HeaderMatcher matching(String name, String regex) {
    return HeaderMatcher.newBuilder()
        .setName(name)
        .setStringMatch(
            StringMatcher.newBuilder().setSafeRegex(RegexMatcher.newBuilder().setRegex(regex)))
        .build();
  }

  private static HeaderMatcher absent(String name) {
    return HeaderMatcher.newBuilder().setName(name).setPresentMatch(false).build();
  }

  private static Route egressRoute(EndpointRef endpoint, Destination destination) {
    checkOwner(endpoint.tenant(), destination);
    RouteAction.Builder action =
        RouteAction.newBuilder()
            .setCluster(ResourceNames.destinationCluster(destination))
            .setTimeout(Limits.EGRESS_ROUTE)
            .setHostRewriteLiteral(authority(destination));
    String path = path(destination.url());
    if (!path.equals("/")) {
      action.setRegexRewrite(
          RegexMatchAndSubstitute.newBuilder()
              .setPattern(RegexMatcher.newBuilder().setRegex(WHOLE_PATH))
              .setSubstitution(path.replace("\\", "\\\\")));
    }
    return Route.newBuilder()
        .setName(endpoint.routeName())
        .setMatch(
            RouteMatch.newBuilder()
                .setPrefix("/")
                .addHeaders(exactly(ResultHeaders.TENANT, endpoint.tenant().value()))
                .addHeaders(exactly(ResultHeaders.ENDPOINT, endpoint.endpoint().value()))
                .addHeaders(exactly(ResultHeaders.VERIFIED, "true")))
        .setRoute(action)
        .build();
  }

  private static void checkOwner(Name tenant, Destination destination) {
    if (!destination.tenant().equals(tenant)) {
      throw new IllegalArgumentException(
          "destination: "
              + destination.tenant()
              + "/"
              + destination.name()
              + " (expected: a destination of tenant "
              + tenant
              + ")");
    }
  }

  private static HeaderMatcher exactly(String name, String value) {
    return HeaderMatcher.newBuilder()
        .setName(name)
        .setStringMatch(StringMatcher.newBuilder().setExact(value))
        .build();
  }

  private static String path(URI url) {
    String path = url.getRawPath();
    return path == null || path.isEmpty() ? "/" : path;
  }

  private static String authority(Destination destination) {
    HostPort address = destination.address();
    String text = address.toString();
    return address.port() == HTTPS_PORT ? text.substring(0, text.lastIndexOf(':')) : text;
  }

  /** No wildcard and no port, which in an Envoy domain would match other hosts too. */
  private static void checkHost(String host) {
    boolean valid =
        !host.isEmpty()
            && host.length() <= 253
            && host.charAt(0) != '.'
            && !host.endsWith(".")
            && host.chars()
                .allMatch(
                    c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
    if (!valid) {
      throw new IllegalArgumentException(
          "host: malformed (expected: a lower-case DNS name without port)");
    }
  }

  private static void checkPath(String path) {
    boolean valid =
        path.startsWith("/")
            && path.length() <= 1024
            && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '?' && c != '#');
    if (!valid) {
      throw new IllegalArgumentException(
          "path: malformed (expected: printable ASCII, beginning with /, without ? and #)");
    }
  }
}
