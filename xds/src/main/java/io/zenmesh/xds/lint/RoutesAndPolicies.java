package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Compares the routes of an ingress Envoy with the policies of the processor beside it. */
final class RoutesAndPolicies {
  private RoutesAndPolicies() {}

  /**
   * What the two say differently; neither snapshot is linted by itself here.
   *
   * @param needsOutcome whether an endpoint that enforces this policy needs the response
   */
  static List<Finding> lint(
      NodeSnapshot ingress,
      NodeSnapshot processor,
      Predicate<io.zenmesh.xds.model.EndpointPolicy> needsOutcome) {
    List<Finding> findings = new ArrayList<>();
    Set<String> byAuthorization = Doors.routesByAuthorization(ingress);
    for (Resource resource : ingress.resources(ResourceType.ROUTE).values()) {
      try {
        RouteConfiguration routes = resource.body().unpack(RouteConfiguration.class);
        // ext_authz has no response phase: a message is then remembered once and for all.
        List<String> problems =
            together(
                routes,
                processor,
                byAuthorization.contains(resource.name()) ? policy -> false : needsOutcome);
        problems.addAll(ClientLint.problems(routes, ingress, processor));
        problems.forEach(problem ->
            findings.add(new Finding("ROUTE " + resource.name(), "virtual_hosts.routes", problem)));
      } catch (InvalidProtocolBufferException e) {
        findings.add(new Finding("ROUTE " + resource.name(), "", "malformed"));
      }
    }
    return List.copyOf(findings);
  }

  private static List<String> together(
      RouteConfiguration routes,
      NodeSnapshot processor,
      Predicate<io.zenmesh.xds.model.EndpointPolicy> needsOutcome) {
    List<String> problems = new ArrayList<>();
    Set<String> withoutOutcome = RouteLint.withoutOutcome(routes);
    Set<String> inDryRun = RouteLint.inDryRun(routes);
    for (String name : new TreeSet<>(RouteLint.names(routes))) {
      Optional<io.zenmesh.xds.model.EndpointPolicy> policy =
          Optional.ofNullable(processor.resources(ResourceType.POLICY).get(name))
              .flatMap(RoutesAndPolicies::decoded);
      if (policy.isEmpty()) {
        problems.add(name + " has no policy (expected: one for each route)");
        continue;
      }
      boolean enforced = policy.get().enforce();
      if (enforced && withoutOutcome.contains(name) && needsOutcome.test(policy.get())) {
        problems.add(name + " hides the response (expected: shown, the scheme needs it)");
      }
      if (enforced && inDryRun.contains(name)) {
        problems.add(name + " is in dry run (expected: only where its policy says so)");
      }
      if (!enforced && !inDryRun.contains(name)) {
        problems.add(name + " is enforced by the gate (expected: in dry run, as its policy says)");
      }
    }
    return problems;
  }

  /** Empty for a malformed one, which is a finding of its own. */
  private static Optional<io.zenmesh.xds.model.EndpointPolicy> decoded(Resource resource) {
    try {
      return Optional.of(PolicyCodec.decode(resource.body().unpack(EndpointPolicy.class)));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
