package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where principals and tokens are kept. Every call is for the tenant of {@link TenantContext}, and
 * fails outside of one. Thread-safe.
 */
public interface PrincipalStore {
  /**
   * Principals in the order of their names.
   *
   * @param after the name to go on behind
   */
  List<Principal> principals(Optional<Name> after, int limit);

  /** The principal of that name. */
  Optional<Principal> principal(Name name);

  /** The principal whose certificate bears that id. */
  Optional<Principal> bySpiffeId(SpiffeId id);

  /** What became of a change. */
  enum Outcome {
    DONE,
    /** Another principal has its SPIFFE id, or the tenant is not there; nothing has changed. */
    REFUSED,
    /** What is there is not what was expected; nothing has changed. */
    UNEXPECTED,
    /** There is none of that name. */
    ABSENT
  }

  /**
   * Makes or replaces one.
   *
   * @param expected asked of what is there, which nobody else changes meanwhile
   * @return DONE, REFUSED or UNEXPECTED
   */
  Outcome put(Principal principal, Predicate<Optional<Principal>> expected);

  /**
   * Removes one and its tokens.
   *
   * @param expected asked of what is there, which nobody else changes meanwhile
   * @return DONE, UNEXPECTED or ABSENT
   */
  Outcome delete(Name name, Predicate<Principal> expected);

  /**
   * Tokens in the order of their ids, the revoked and the expired among them.
   *
   * @param after the id to go on behind
   */
  List<ApiToken> tokens(Optional<String> after, int limit);

  /** The token of that id. */
  Optional<ApiToken> token(String id);

  /**
   * Adds a token.
   *
   * @return whether its principal is there; nothing is added otherwise
   */
  boolean add(ApiToken token);

  /**
   * Ends a token; one that has ended already stays as it is.
   *
   * @return whether there is such a token
   */
  boolean revoke(String id, Instant at);
}
