package io.zenmesh.controlplane.custody;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** For how long an old version of a secret counts beside its successor, as text. */
public final class Overlap {
  /** When nothing is said. */
  public static final Duration DEFAULT = Duration.ofHours(24);

  /** What is accepted. */
  public static final String GRAMMAR = "0s to 30d, as a whole number of s, m, h or d";

  private static final Pattern TEXT = Pattern.compile("(0|[1-9][0-9]{0,6})([smhd])");

  private Overlap() {}

  /** Reads such as {@code 0s}, {@code 15m}, {@code 24h}, {@code 30d}; empty when it is not one. */
  public static Optional<Duration> parse(String text) {
    Matcher match = TEXT.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(match.group(1));
    Duration overlap =
        switch (match.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
    return overlap.compareTo(VersionHistory.MAX_OVERLAP) > 0
        ? Optional.empty()
        : Optional.of(overlap);
  }
}
