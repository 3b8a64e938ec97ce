package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.util.Optional;

/**
 * Someone or something that may act within one tenant. Immutable.
 *
 * @param name unique in the tenant
 * @param role the most that any of its credentials may do
 * @param spiffeId the certificate it may show instead of a token
 */
public record Principal(Name name, Role role, Optional<SpiffeId> spiffeId) {
  /**
   * @throws IllegalArgumentException for the operator's role, which no tenant gives
   */
  public Principal {
    if (!role.inTenant()) {
      throw new IllegalArgumentException("role: operator (expected: a role within a tenant)");
    }
  }

  /**
   * Whether a certificate's id can be that of a principal of {@code tenant}: {@code spiffe://<trust
   * domain>/tenant/<tenant>/<anything>}. It names the tenant, so that the tenant is known before it
   * is looked up.
   */
  public static boolean belongs(SpiffeId id, Name tenant) {
    return tenantOf(id).filter(tenant::equals).isPresent();
  }

  /** The tenant that a certificate's id names; empty when it names none. */
  public static Optional<Name> tenantOf(SpiffeId id) {
    String[] segments = id.path().split("/", -1);
    return segments.length >= 4 && segments[1].equals("tenant") && Name.isValid(segments[2])
        ? Optional.of(new Name(segments[2]))
        : Optional.empty();
  }
}
