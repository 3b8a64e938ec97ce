package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A secret as it is stored.
 *
 * @param certificatePem the public part; empty for {@code signing}
 * @param versions those that are not ended, by number; empty for {@code ca}
 */
public record StoredSecret(
    SecretRef ref, SecretType type, Optional<String> certificatePem, List<StoredVersion> versions) {
  /** Sorts the list. */
  public StoredSecret {
    versions = versions.stream().sorted(Comparator.comparingLong(StoredVersion::number)).toList();
  }

  /**
   * One version of it.
   *
   * @param number never used twice by one tenant
   * @param notBefore the first instant it counts, inclusive
   * @param notAfter the last instant it counts, inclusive; empty for no end
   * @param sealed its ciphertext; empty when it is yet to be stored
   */
  public record StoredVersion(
      long number, Instant notBefore, Optional<Instant> notAfter, Optional<SealedSecret> sealed) {
    boolean mayCount(Instant now) {
      return notAfter.map(end -> !now.isAfter(end)).orElse(true);
    }
  }
}
