package io.zenmesh.extproc.signature;

import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;

/**
 * A sender's public key that was fetched, and whose origin was checked (chain, host, key set).
 *
 * @param key as fetched; the engine checks that it fits the scheme's algorithm
 * @param notBefore the first instant it counts, inclusive
 * @param notAfter the last instant it counts, inclusive; empty for no end
 */
public record RemoteKey(PublicKey key, Instant notBefore, Optional<Instant> notAfter) {
  /** Whether the key counts at {@code instant}. */
  public boolean validAt(Instant instant) {
    return !instant.isBefore(notBefore) && notAfter.map(end -> !instant.isAfter(end)).orElse(true);
  }
}
