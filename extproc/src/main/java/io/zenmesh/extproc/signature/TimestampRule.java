package io.zenmesh.extproc.signature;

import java.time.Duration;
import java.time.Instant;

/**
 * Where a scheme's signed time stands and how far it may lie from now.
 *
 * @param source where it stands
 * @param tolerance the largest distance from now, in both directions, inclusive
 */
record TimestampRule(ValueSource source, Duration tolerance) {
  static final Duration SHORTEST_TOLERANCE = Duration.ofSeconds(1);
  static final Duration LONGEST_TOLERANCE = Duration.ofMinutes(10);

  private static final int MAX_DIGITS = 12;

  /**
   * Reads Unix seconds: {@code 0|[1-9][0-9]{0,11}}, so that one instant has one spelling.
   *
   * @throws Refusal {@link Reason#TIMESTAMP_MALFORMED} for anything else
   */
  static long parse(String text) throws Refusal {
    if (text.isEmpty()
        || text.length() > MAX_DIGITS
        || (text.charAt(0) == '0' && text.length() > 1)) {
      throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
    }
    long seconds = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
      }
      seconds = seconds * 10 + (c - '0');
    }
    return seconds;
  }

  /**
   * Compares whole seconds, as senders write no fraction.
   *
   * @throws Refusal when {@code seconds} lies further than {@code tolerance} from {@code now}
   */
  static void judge(long seconds, Instant now, Duration tolerance) throws Refusal {
    long age = now.getEpochSecond() - seconds;
    if (age > tolerance.toSeconds()) {
      throw Refusal.of(Reason.TIMESTAMP_TOO_OLD);
    }
    if (age < -tolerance.toSeconds()) {
      throw Refusal.of(Reason.TIMESTAMP_IN_FUTURE);
    }
  }
}
