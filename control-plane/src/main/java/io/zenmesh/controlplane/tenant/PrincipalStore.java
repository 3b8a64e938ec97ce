package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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

  /**
   * Makes or replaces one.
   *
   * @return whether it was put; not when another principal has its SPIFFE id, or the tenant is not
   *     there
   */
  boolean put(Principal principal);

  /**
   * Removes one and its tokens.
   *
   * @return whether there was one
   */
  boolean delete(Name name);

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
