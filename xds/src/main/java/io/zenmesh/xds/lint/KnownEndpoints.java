package io.zenmesh.xds.lint;

import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What an {@code endpoints.yaml} says of the endpoints that an Envoy's routes name. Immutable.
 *
 * @param byName the terms of each endpoint, by {@code tenant/name}
 */
public record KnownEndpoints(Map<String, Terms> byName) {
  /**
   * What a route must be like.
   *
   * @param enforce whether the gate must admit verified requests only; false in dry run
   * @param outcomeNeeded whether the processor must see the response
   * @param way the host and path that it must have; empty when the endpoint says none
   */
  public record Terms(
      boolean enforce, boolean outcomeNeeded, Optional<StandaloneEndpoint.Way> way) {
    /** Of an endpoint that says neither host nor path. */
    public Terms(boolean enforce, boolean outcomeNeeded) {
      this(enforce, outcomeNeeded, Optional.empty());
    }
  }

  /** Copies the map. */
  public KnownEndpoints {
    byName = Map.copyOf(byName);
  }

  /**
   * Those of a file.
   *
   * @param outcomeNeeded whether endpoints of the scheme of this name must see the response
   */
  public static KnownEndpoints of(StandaloneConfig config, Predicate<String> outcomeNeeded) {
    Map<String, Terms> terms = new HashMap<>();
    for (StandaloneEndpoint endpoint : config.endpoints()) {
      terms.put(
          endpoint.policy().ref().routeName(),
          new Terms(
              endpoint.policy().enforce(),
              outcomeNeeded.test(endpoint.policy().scheme()),
              endpoint.way()));
    }
    return new KnownEndpoints(terms);
  }

  Optional<Terms> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
