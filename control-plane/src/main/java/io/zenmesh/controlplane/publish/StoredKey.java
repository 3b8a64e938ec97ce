package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.SealedVersion;
import java.time.Instant;
import java.util.Optional;

/**
 * A derived key that was handed out and has not ended.
 *
 * @param line whose, where and what for
 * @param version which of the line's
 * @param notBefore the first instant it counts, inclusive
 * @param notAfter the last instant it counts, inclusive; empty for no end
 * @param root what it is derived from
 */
public record StoredKey(
    KeyLine line, long version, Instant notBefore, Optional<Instant> notAfter, SealedVersion root) {
  boolean mayCount(Instant now) {
    return notAfter.map(end -> !now.isAfter(end)).orElse(true);
  }
}
