package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.InvalidSchemeException;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeQuestions;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.client.PolicyListener;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
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
  private static final int SHOWN = 200;

  private final OwnSchemes schemes;
  private final Consumer<String> report;
  private final HandshakeSecrets handshakes;
  private final KeysAtHand keysAtHand;
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
      // Meanwhile another processor may have been handed the secret.
      if (endpoint.challenges().awaitsSecret()) {
        return false;
      }
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
    this(catalogue, report, HandshakeSecrets.NONE, KeySources.NONE);
  }

  /**
   * @param handshakes where the secrets are that providers handed over
   */
  public ActivePolicies(Catalogue catalogue, Consumer<String> report, HandshakeSecrets handshakes) {
    this(catalogue, report, handshakes, KeySources.NONE);
  }

  /**
   * @param handshakes where the secrets are that providers handed over
   * @param sources of the keys that messages only name
   */
  public ActivePolicies(
      Catalogue catalogue,
      Consumer<String> report,
      HandshakeSecrets handshakes,
      KeySources sources) {
    this.schemes = new OwnSchemes(catalogue);
    this.report = report;
    this.handshakes = handshakes;
    this.keysAtHand = new KeysAtHand(handshakes);
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
    problems.addAll(tooManyOwnSchemes(candidate));
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
    long generation = current.map(PreparedPolicies::generation).orElse(0L) + 1;
    putInForce(generation, next);
    return Optional.empty();
  }

  private void putInForce(long generation, Map<EndpointRef, Made> next) {
    made = next;
    current = Optional.of(new PreparedPolicies(generation, byRouteName(next)));
  }

  /**
   * Stores the secret that a provider handed over, and verifies with it from then on.
   *
   * @param secret stays the caller's
   * @return whether it is stored; false when the endpoint has one, or is no more
   */
  public CompletionStage<Boolean> take(EndpointRef endpoint, SecretBytes secret) {
    return handshakes
        .store(endpoint, secret)
        .thenApply(stored -> {
          if (stored) {
            refresh(endpoint);
          }
          return stored;
        });
  }

  private synchronized void refresh(EndpointRef ref) {
    Made before = made.get(ref);
    if (before != null && current.isPresent()) {
      Map<EndpointRef, Made> next = new HashMap<>(made);
      next.put(ref, make(before.endpoint().policy(), before.keys()));
      putInForce(current.get().generation(), next);
    }
  }

  private static List<String> tooManyOwnSchemes(PolicySet candidate) {
    return candidate.policies().values().stream()
        .filter(policy -> policy.settings().definition().isPresent())
        .collect(Collectors.groupingBy(policy -> policy.ref().tenant(), Collectors.counting()))
        .entrySet()
        .stream()
        .filter(tenant -> tenant.getValue() > OwnSchemes.MAX_PER_TENANT)
        .map(tenant ->
            "tenant "
                + tenant.getKey()
                + ": "
                + tenant.getValue()
                + " endpoints with a scheme of their own (expected: at most "
                + OwnSchemes.MAX_PER_TENANT
                + ")")
        .toList();
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
    Scheme scheme = scheme(policy);
    SchemeVerifier.Settings settings =
        new SchemeVerifier.Settings(policy.tolerance(), policy.publicUrl());
    KeySource source = sources.of(policy.ref(), scheme.keyPlaces());
    boolean fetched = scheme.keyPlaces().keySet().isPresent();
    // First without keys: what is wrong then is wrong with the policy.
    SchemeVerifier keyless = SchemeVerifier.prepare(scheme, settings, List.of(), source);
    List<VerificationKey> given = keysAtHand.of(policy, scheme, keys);
    try {
      SchemeVerifier verifier =
          given.isEmpty() ? keyless : SchemeVerifier.prepare(scheme, settings, given, source);
      return new Made(
          keys, prepared(policy, verifier, keys, fetched || !given.isEmpty()), Optional.empty());
    } catch (IllegalArgumentException e) {
      return new Made(
          keys,
          prepared(policy, keyless, keys, false),
          Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private Scheme scheme(EndpointPolicy policy) {
    try {
      return schemes
          .find(policy.scheme(), policy.settings().definition())
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "scheme: " + printable(policy.scheme()) + " (expected: a known scheme)"));
    } catch (InvalidSchemeException e) {
      throw new IllegalArgumentException("definition: " + printable(e.problems().getFirst()), e);
    }
  }

  private static PreparedEndpoint prepared(
      EndpointPolicy policy,
      SchemeVerifier verifier,
      Optional<EndpointKeys> keys,
      boolean hasKeys) {
    return new PreparedEndpoint(
        policy,
        verifier,
        hasKeys,
        verifier.replay(),
        new EndpointChallenges(
            policy.settings(),
            keys.flatMap(EndpointKeys::verifyToken),
            SchemeQuestions.of(verifier.scheme()),
            hasKeys));
  }

  private static String printable(String value) {
    String cut = value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
