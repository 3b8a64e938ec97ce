package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.client.PolicyListener;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.VerificationKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the policies in force.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A set is taken up as a whole or not at all: with one unknown scheme or one key that does not
 * decode, the set before it stays. Readers see one set or the other, never a mixture. An endpoint
 * without keys is known, and refuses every request. Thread-safe.
 */
public final class ActivePolicies implements PolicyListener {
  private static final int PROBLEMS_SHOWN = 10;

  private final Catalogue catalogue;
  private volatile Optional<PreparedPolicies> current = Optional.empty();

  public ActivePolicies(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** The set in force; empty until a first one was accepted. */
  public Optional<PreparedPolicies> current() {
    return current;
  }

  @Override
  public synchronized Optional<String> apply(PolicySet candidate) {
    Map<String, PreparedEndpoint> prepared = new HashMap<>();
    List<String> problems = new ArrayList<>();
    candidate
        .policies()
        .forEach((ref, policy) -> {
          List<VerificationKey> keys =
              Optional.ofNullable(candidate.keys().get(ref))
                  .map(EndpointKeys::keys)
                  .orElse(List.of());
          try {
            prepared.put(ref.routeName(), prepare(policy, keys));
          } catch (IllegalArgumentException e) {
            problems.add("endpoint " + ref + ": " + e.getMessage());
          }
        });
    if (!problems.isEmpty()) {
      return Optional.of(
          String.join("; ", problems.stream().sorted().limit(PROBLEMS_SHOWN).toList()));
    }
    long generation = current.map(PreparedPolicies::generation).orElse(0L) + 1;
    current = Optional.of(new PreparedPolicies(generation, prepared));
    return Optional.empty();
  }

  private PreparedEndpoint prepare(EndpointPolicy policy, List<VerificationKey> keys) {
    Scheme scheme =
        catalogue
            .find(policy.scheme())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "scheme: " + printable(policy.scheme()) + " (expected: a known scheme)"));
    SchemeVerifier verifier =
        SchemeVerifier.prepare(
            scheme, new SchemeVerifier.Settings(policy.tolerance(), policy.publicUrl()), keys);
    return new PreparedEndpoint(policy, verifier, !keys.isEmpty(), verifier.replay());
  }

  private static String printable(String value) {
    String cut = value.length() > 80 ? value.substring(0, 80) + "..." : value;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
