package io.zenmesh.extproc.policy;

import java.time.Duration;
import java.time.Instant;

/**
 * How many questions one endpoint answers that are unsigned, or that others act upon: {@value
 * #BURST} at once, and one more each second. Whoever asks is unknown, or repeats what was signed
 * once: a stranger must not have a hash made or an operator called at will. Thread-safe.
 */
final class ChallengeBudget {
  static final int BURST = 10;
  static final Duration REFILL = Duration.ofSeconds(1);

  private double left = BURST;
  private Instant at = Instant.EPOCH;

  /** Whether one more may be answered now. */
  synchronized boolean take(Instant now) {
    if (now.isAfter(at)) {
      double refilled = (double) Duration.between(at, now).toMillis() / REFILL.toMillis();
      left = Math.min(BURST, left + refilled);
    }
    // A clock that was set back refills nothing, and does not stop refilling for long.
    at = now;
    if (left < 1) {
      return false;
    }
    left -= 1;
    return true;
  }
}
