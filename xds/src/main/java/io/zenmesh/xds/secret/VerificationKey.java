package io.zenmesh.xds.secret;

import java.time.Instant;
import java.util.Optional;

/**
 * A secret that a sender signs with, and the time in which it counts. Not a record: a secret is
 * never a record component.
 */
public final class VerificationKey {
  private final String id;
  private final Instant notBefore;
  private final Optional<Instant> notAfter;
  private final SecretBytes secret;

  /**
   * @param id names the key in audit and metrics; not secret
   * @param notBefore the first instant it counts, inclusive
   * @param notAfter the last instant it counts, inclusive; empty for no end
   * @param secret as the provider shows it, before any decoding
   */
  public VerificationKey(
      String id, Instant notBefore, Optional<Instant> notAfter, SecretBytes secret) {
    this.id = id;
    this.notBefore = notBefore;
    this.notAfter = notAfter;
    this.secret = secret;
  }

  public String id() {
    return id;
  }

  public Instant notBefore() {
    return notBefore;
  }

  public Optional<Instant> notAfter() {
    return notAfter;
  }

  /** The secret as the provider shows it, before any decoding. */
  public SecretBytes secret() {
    return secret;
  }

  /** Whether the key counts at {@code instant}. */
  public boolean validAt(Instant instant) {
    return !instant.isBefore(notBefore) && (notAfter.isEmpty() || !instant.isAfter(notAfter.get()));
  }

  @Override
  public String toString() {
    return "VerificationKey[" + id + "]";
  }
}
