package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.client.PolicyListener;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.VerificationKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds the policies in force.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A set is taken up as a whole or not at all: with one unknown scheme the set before it stays.
 * Readers see one set or the other, never a mixture. An endpoint without keys is known, and refuses
 * every request; so does one whose keys do not decode for its scheme. Such a set is taken up all
 * the same, since policies and keys arrive one after the other: a change of scheme and secret is
 * whole only when both are here. Thread-safe.
 */
public final class ActivePolicies implements PolicyListener {
  private static final int PROBLEMS_SHOWN = 10;

  private final Catalogue catalogue;
  private final Consumer<String> report;
  private final KeySources sources;
  private Map<EndpointRef, Made> made = Map.of();
  private volatile Optional<PreparedPolicies> current = Optional.empty();

  /**
   * What an endpoint was made of.
   *
   * @param keyProblem why its keys are not used; empty when they are
   */
  private record Made(
      Optional<EndpointKeys> keys, PreparedEndpoint endpoint, Optional<String> keyProblem) {
    boolean stillHolds(EndpointPolicy policy, Optional<EndpointKeys> now) {
      // Keys are compared by identity: equal content is not worth reading secrets.
      boolean sameKeys =
          keys.isPresent() ? now.isPresent() && keys.get() == now.get() : now.isEmpty();
      return sameKeys && endpoint.policy().equals(policy);
    }
  }

  /**
   * @param report hears once of each endpoint whose keys do not decode; no key's content is in it
   */
  public ActivePolicies(Catalogue catalogue, Consumer<String> report) {
    this(catalogue, report, KeySources.NONE);
  }

  /**
   * @param report hears once of each endpoint whose keys do not decode; no key's content is in it
   * @param sources of the keys that messages only name
   */
  public ActivePolicies(Catalogue catalogue, Consumer<String> report, KeySources sources) {
    this.catalogue = catalogue;
    this.report = report;
    this.sources = sources;
  }

  /** The set in force; empty until a first one was accepted. */
  public Optional<PreparedPolicies> current() {
    return current;
  }

  @Override
  public synchronized Optional<String> apply(PolicySet candidate) {
    Map<EndpointRef, Made> next = new HashMap<>();
    List<String> problems = new ArrayList<>();
    candidate
        .policies()
        .forEach((ref, policy) -> {
          try {
            next.put(ref, make(policy, Optional.ofNullable(candidate.keys().get(ref))));
          } catch (IllegalArgumentException e) {
            problems.add("endpoint " + ref + ": " + e.getMessage());
          }
        });
    if (!problems.isEmpty()) {
      return Optional.of(
          String.join("; ", problems.stream().sorted().limit(PROBLEMS_SHOWN).toList()));
    }
    next.forEach((ref, now) -> {
      if (made.get(ref) != now) {
        now.keyProblem()
            .ifPresent(text -> report.accept("endpoint " + ref + " refuses all requests: " + text));
      }
    });
    made = next;
    long generation = current.map(PreparedPolicies::generation).orElse(0L) + 1;
    current = Optional.of(new PreparedPolicies(generation, byRouteName(next)));
    return Optional.empty();
  }

  private static Map<String, PreparedEndpoint> byRouteName(Map<EndpointRef, Made> endpoints) {
    return endpoints.values().stream()
        .map(Made::endpoint)
        .collect(Collectors.toMap(endpoint -> endpoint.ref().routeName(), Function.identity()));
  }

  /** One response changes few endpoints of many: the others stay as they were made. */
  private Made make(EndpointPolicy policy, Optional<EndpointKeys> keys) {
    Made before = made.get(policy.ref());
    if (before != null && before.stillHolds(policy, keys)) {
      return before;
    }
    Scheme scheme =
        catalogue
            .find(policy.scheme())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "scheme: " + printable(policy.scheme()) + " (expected: a known scheme)"));
    SchemeVerifier.Settings settings =
        new SchemeVerifier.Settings(policy.tolerance(), policy.publicUrl());
    KeySource source = sources.of(policy.ref(), scheme.keyPlaces());
    boolean fetched = scheme.keyPlaces().keySet().isPresent();
    // First without keys: what is wrong then is wrong with the policy.
    SchemeVerifier keyless = SchemeVerifier.prepare(scheme, settings, List.of(), source);
    List<VerificationKey> given = keys.map(EndpointKeys::keys).orElse(List.of());
    try {
      SchemeVerifier verifier =
          given.isEmpty() ? keyless : SchemeVerifier.prepare(scheme, settings, given, source);
      return new Made(
          keys, prepared(policy, verifier, fetched || !given.isEmpty()), Optional.empty());
    } catch (IllegalArgumentException e) {
      return new Made(
          keys, prepared(policy, keyless, false), Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static PreparedEndpoint prepared(
      EndpointPolicy policy, SchemeVerifier verifier, boolean hasKeys) {
    return new PreparedEndpoint(policy, verifier, hasKeys, verifier.replay());
  }

  private static String printable(String value) {
    String cut = value.length() > 80 ? value.substring(0, 80) + "..." : value;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
