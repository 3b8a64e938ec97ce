package io.zenmesh.extproc.policy;

import java.util.Map;
import java.util.Optional;

/**
 * One policy set, ready to verify. Immutable.
 *
 * @param generation 1 for the first accepted set of the process, then counting
 * @param byRouteName the endpoints by the name of their Envoy route
 */
public record PreparedPolicies(long generation, Map<String, PreparedEndpoint> byRouteName) {
  /** Copies the map. */
  public PreparedPolicies {
    byRouteName = Map.copyOf(byRouteName);
  }

  /** The endpoint behind an Envoy route. */
  public Optional<PreparedEndpoint> find(String routeName) {
    return Optional.ofNullable(byRouteName.get(routeName));
  }
}
