package io.zenmesh.controlplane.custody;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** How far one version of a secret, or of a derived key, has come. The order is one way only. */
public sealed interface VersionState {
  /**
   * Counts within its window.
   *
   * @param notBefore the first instant it counts, inclusive
   * @param notAfter the last instant it counts, inclusive; empty for no end
   */
  record Live(Instant notBefore, Optional<Instant> notAfter) implements VersionState {}

  /** Taken out of use in good order; still sealed. */
  record Retired(Instant at) implements VersionState {}

  /** Taken out of use because somebody else may know it; still sealed. */
  record Revoked(Instant at) implements VersionState {}

  /** Its ciphertext and its wrapped key are gone; that it was there stays known. */
  record Destroyed(Instant at) implements VersionState {}

  /** Whether it counts at {@code now}. */
  default boolean countsAt(Instant now) {
    return this instanceof Live(Instant notBefore, Optional<Instant> notAfter)
        && !now.isBefore(notBefore)
        && notAfter.map(end -> !now.isAfter(end)).orElse(true);
  }

  /** Whether it counts at {@code now} or may count later. */
  default boolean mayCount(Instant now) {
    return this instanceof Live(Instant notBefore, Optional<Instant> notAfter)
        && notAfter.map(end -> !now.isAfter(end)).orElse(true);
  }

  /** As it is stored and shown: live, retired, revoked or destroyed. */
  default String word() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
