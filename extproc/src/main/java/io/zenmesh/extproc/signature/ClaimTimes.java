package io.zenmesh.extproc.signature;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The times that a message states: when it was signed, and until when or from when it counts. */
final class ClaimTimes {
  private static final long SKEW_SECONDS = 60;

  private ClaimTimes() {}

  /**
   * Judges the timestamp, and for forms that have them the ends of a token's validity.
   *
   * @throws Refusal {@link Reason#TIMESTAMP_TOO_OLD}, {@link Reason#TIMESTAMP_IN_FUTURE}
   */
  static void judge(Claim claim, Instant now, Duration tolerance) throws Refusal {
    if (claim.seconds().isPresent()) {
      TimestampRule.judge(claim.seconds().getAsLong(), now, tolerance);
    }
    if (claim.content().isEmpty()) {
      return;
    }
    for (String end : List.of("exp", "expires")) {
      if (now.getEpochSecond() > stated(claim, end, Long.MAX_VALUE - SKEW_SECONDS) + SKEW_SECONDS) {
        throw Refusal.of(Reason.TIMESTAMP_TOO_OLD);
      }
    }
    if (now.getEpochSecond() < stated(claim, "nbf", 0) - SKEW_SECONDS) {
      throw Refusal.of(Reason.TIMESTAMP_IN_FUTURE);
    }
  }

  private static long stated(Claim claim, String name, long absent) throws Refusal {
    return claim.named().containsKey(name)
        ? TimestampRule.Unit.SECONDS.seconds(claim.named().getOrDefault(name, ""))
        : absent;
  }
}
