package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.Optional;

/**
 * A token as it is kept: everything but itself. Immutable.
 *
 * @param id public, 16 hex digits
 * @param principal on whose behalf it acts
 * @param role the most it may do; never more than the principal's own
 * @param revoked since when it opens nothing
 */
public record ApiToken(
    String id,
    Name principal,
    Role role,
    TokenDigest digest,
    Instant created,
    Instant expires,
    Optional<Instant> revoked) {
  /** Whether it opens anything at that time. */
  boolean goodAt(Instant now) {
    return revoked.isEmpty() && now.isBefore(expires);
  }
}
