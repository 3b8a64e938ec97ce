package io.zenmesh.controlplane.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * For how long a tenant's entries stay in the database before they are archived and pruned.
 *
 * @param days of 24 hours, 1 to {@value #MOST_DAYS}
 */
public record Retention(int days) {
  /** Ten years of 365 days. */
  public static final int MOST_DAYS = 3_650;

  /** What is accepted. */
  public static final String GRAMMAR = "1d to 10y, as a whole number of d or y (365 days)";

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,3})([dy])");

  public Retention {
    if (days < 1 || days > MOST_DAYS) {
      throw new IllegalArgumentException("days: " + days + " (expected: 1 to " + MOST_DAYS + ")");
    }
  }

  /** Reads such as {@code 90d} or {@code 2y}; empty when it is not one. */
  public static Optional<Retention> parse(String text) {
    Matcher match = TEXT.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    int number = Integer.parseInt(match.group(1));
    int days = match.group(2).equals("y") ? number * 365 : number;
    return days > MOST_DAYS ? Optional.empty() : Optional.of(new Retention(days));
  }

  /** Entries dated before this are older than it. */
  Instant before(Instant now) {
    return now.minus(Duration.ofDays(days));
  }

  /** As it is written: {@code 90d}. */
  @Override
  public String toString() {
    return days + "d";
  }
}
