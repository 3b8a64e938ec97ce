package io.zenmesh.xds.lint;

import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.AuthorizationDoor;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges what processor and gate are on each route after all per-route configuration: of the route
 * configuration, the virtual host, the route and its weighted clusters.
 */
final class EffectiveRoutes {
  private static final ExtProcPerRoute OUTCOME =
      (ExtProcPerRoute) References.load("outcome-override", ExtProcPerRoute.newBuilder());
  private static final String PER_ROUTE =
      "envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute";

  private static final RBACPerRoute DRY_RUN =
      (RBACPerRoute) References.load("dry-run-override", RBACPerRoute.newBuilder());
  private static final String GATE_PER_ROUTE = "envoy.extensions.filters.http.rbac.v3.RBACPerRoute";
  private static final String AUTHORIZATION_PER_ROUTE =
      "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";

  private final UserDoor door;
  private final String processor;
  private final String gate;
  private final UserAccessLint access;
  private final Optional<KnownEndpoints> endpoints;
  private final Findings findings;
  private final Set<String> upstreams = new HashSet<>();

  /**
   * @param processor the name of the filter that asks, by which routes configure it
   * @param gate the name of the gate's filter
   * @param access judges what routes say of the access filters
   * @param endpoints what is known of the endpoints; empty when nothing is
   */
  EffectiveRoutes(
      UserDoor door,
      String processor,
      String gate,
      UserAccessLint access,
      Optional<KnownEndpoints> endpoints,
      Findings findings) {
    this.door = door;
    this.processor = processor;
    this.gate = gate;
    this.access = access;
    this.endpoints = endpoints;
    this.findings = findings;
  }

  /** Judges a route configuration; returns the clusters that it leads to. */
  Set<String> lint(Place routes) {
    findings.onlyFields(routes, RouteFields.CONFIGURATION, "route configuration");
    SetHeaders.ofRoute(routes, findings);
    overrides(routes, Optional.empty());
    for (Place host : routes.items("virtual_hosts")) {
      findings.onlyFields(host, RouteFields.HOST, "virtual host");
      SetHeaders.ofRoute(host, findings);
      overrides(host, Optional.empty());
      boolean shown = shows(routes) || shows(host);
      host.items("routes").forEach(route -> route(host, route, shown));
    }
    return Set.copyOf(upstreams);
  }

  private void route(Place host, Place route, boolean shown) {
    if (route.get("direct_response").isPresent() || route.get("redirect").isPresent()) {
      // Answered by Envoy itself: nothing reaches an upstream.
      return;
    }
    findings.onlyFields(route, RouteFields.ROUTE, "route");
    route.get("match").ifPresent(it -> findings.onlyFields(it, RouteFields.MATCH, "route match"));
    SetHeaders.ofRoute(route, findings);
    String endpoint = endpoint(route);
    Optional<KnownEndpoints.Terms> terms = endpoints.flatMap(it -> it.find(endpoint));
    overrides(route, terms);
    terms
        .flatMap(KnownEndpoints.Terms::way)
        .ifPresent(way -> RouteTerms.way(host, route, endpoint, way, findings));
    known(route, endpoint, shown || shows(route));
    route
        .get("route")
        .ifPresent(action -> {
          findings.onlyFields(action, RouteFields.ACTION, "route action");
          RouteTerms.timeout(action, findings);
          action.get("cluster").flatMap(Place::text).ifPresent(upstreams::add);
          action.get("weighted_clusters").ifPresent(this::weighted);
        });
  }

  private void weighted(Place weighted) {
    findings.onlyFields(weighted, RouteFields.WEIGHTED, "weighted clusters");
    for (Place cluster : weighted.items("clusters")) {
      findings.onlyFields(cluster, RouteFields.WEIGHT, "weighted cluster");
      SetHeaders.ofRoute(cluster, findings);
      overrides(cluster, Optional.empty());
      cluster.get("name").flatMap(Place::text).ifPresent(upstreams::add);
    }
  }

  /** The endpoint that a route names, by its own name or to ext_authz; empty text for none. */
  private String endpoint(Place route) {
    Place said =
        switch (door) {
          case PROCESSOR -> route.get("name").orElse(route);
          case AUTHORIZATION ->
              route
                  .get("typed_per_filter_config")
                  .flatMap(it -> Optional.ofNullable(it.entries().get(processor)))
                  .flatMap(it -> it.typed().get("check_settings", "context_extensions"))
                  .flatMap(it -> Optional.ofNullable(it.entries().get(AuthorizationDoor.ENDPOINT)))
                  .orElse(route);
        };
    String name = said.text().orElse("");
    try {
      return EndpointRef.parse(name).routeName();
    } catch (IllegalArgumentException e) {
      findings.add(
          said,
          "names no endpoint, so that the processor answers 404 (expected: tenant/endpoint)",
          switch (door) {
            case PROCESSOR ->
                "name the route as the endpoint is named in endpoints.yaml, such as acme/orders";
            case AUTHORIZATION ->
                "give the route " + AuthorizationDoor.ENDPOINT + " as docs/ext-authz.md says";
          });
      return "";
    }
  }

  /** What endpoints.yaml says, where it is at hand. */
  private void known(Place route, String endpoint, boolean shown) {
    if (endpoints.isEmpty() || endpoint.isEmpty()) {
      return;
    }
    Optional<KnownEndpoints.Terms> terms = endpoints.get().find(endpoint);
    if (terms.isEmpty()) {
      findings.add(
          route,
          endpoint
              + " is not in the endpoints file, so that the processor answers 404 (expected:"
              + " one of its endpoints)",
          "add the endpoint, or remove the route");
    } else if (door == UserDoor.PROCESSOR
        && terms.get().enforce()
        && terms.get().outcomeNeeded()
        && !shown) {
      findings.add(
          route,
          endpoint
              + " hides the response, so that its messages can pass again (expected: shown to"
              + " the processor, the scheme needs it)",
          Findings.PASTE);
    }
  }

  private boolean shows(Place holder) {
    return holder
        .get("typed_per_filter_config")
        .flatMap(it -> Optional.ofNullable(it.entries().get(processor)))
        .filter(it -> it.type().equals(PER_ROUTE) && Findings.equals(it, OUTCOME))
        .isPresent();
  }

  /**
   * Of the processor nothing may be said but that it sees the response, or to ext_authz which
   * endpoint it is; of the gate only that it admits a dry run, where the endpoint is in one.
   *
   * @param terms those of the one endpoint that the holder is of, where they are known
   */
  private void overrides(Place holder, Optional<KnownEndpoints.Terms> terms) {
    Map<String, Place> overrides =
        holder.get("typed_per_filter_config").map(Place::entries).orElse(Map.of());
    overrides.forEach((filter, config) -> {
      SetHeaders.ofFilter(config, findings);
      boolean dryRun =
          door == UserDoor.PROCESSOR
              && filter.equals(gate)
              && config.type().equals(GATE_PER_ROUTE)
              && Findings.equals(config, DRY_RUN);
      if (dryRun) {
        dryRun(config, terms);
      } else if (touches(filter, config) && !says(filter, config)) {
        findings.add(
            config,
            "changes filter "
                + filter
                + " on its routes by "
                + (config.type().isEmpty() ? "an unknown type" : config.type())
                + " (expected: nothing but "
                + switch (door) {
                  case PROCESSOR -> "the response shown to the processor)";
                  case AUTHORIZATION -> "the endpoint)";
                },
            "remove it");
      } else {
        access.perRoute(filter, config);
      }
    });
    holder
        .get("per_filter_config")
        .ifPresent(old -> findings.add(old, "per_filter_config (expected: none)", "remove it"));
  }

  private void dryRun(Place config, Optional<KnownEndpoints.Terms> terms) {
    if (terms.filter(it -> !it.enforce()).isEmpty()) {
      findings.add(
          config,
          "the gate admits what was not verified (expected: only where the endpoints file says"
              + " enforce: false)",
          endpoints.isEmpty()
              ? "remove it, or name the endpoints file: zenctl envoy lint FILE -f endpoints.yaml"
              : "remove it, or say enforce: false of this endpoint");
    }
  }

  /** Only the filter that asks reads its own type; of a filter switched off nothing is known. */
  private boolean touches(String filter, Place config) {
    return filter.equals(processor)
        || filter.equals(gate)
        || config.type().startsWith("envoy.extensions.filters.http.ext_proc.")
        || (door == UserDoor.AUTHORIZATION
            && (config.type().startsWith("envoy.extensions.filters.http.ext_authz.")
                || config.type().startsWith("envoy.extensions.filters.http.header_mutation.")
                || filter.equals("envoy.filters.http.header_mutation")));
  }

  private boolean says(String filter, Place config) {
    if (!filter.equals(processor)) {
      return false;
    }
    return switch (door) {
      case PROCESSOR -> config.type().equals(PER_ROUTE) && Findings.equals(config, OUTCOME);
      case AUTHORIZATION -> {
        String endpoint =
            config
                .typed()
                .get("check_settings", "context_extensions")
                .flatMap(it -> Optional.ofNullable(it.entries().get(AuthorizationDoor.ENDPOINT)))
                .flatMap(Place::text)
                .orElse("");
        yield config.type().equals(AUTHORIZATION_PER_ROUTE)
            && Findings.equals(config, Doors.naming(endpoint));
      }
    };
  }
}
