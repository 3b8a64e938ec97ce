package io.zenmesh.extproc.signature;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a scheme's signed time stands and how far it may lie from now.
 *
 * @param source where it stands
 * @param unit how it is written
 * @param tolerance the largest distance from now, in both directions, inclusive
 */
record TimestampRule(ValueSource source, Unit unit, Duration tolerance) {
  static final Duration SHORTEST_TOLERANCE = Duration.ofSeconds(1);

  /** The longest an endpoint may state. */
  static final Duration LONGEST_TOLERANCE = Duration.ofMinutes(10);

  /** The longest a scheme may state, for providers that sign once and retry for days. */
  static final Duration LONGEST_OF_A_SCHEME = Duration.ofHours(96);

  private static final int MAX_DIGITS = 12;
  private static final int THOUSAND = 1_000;

  /** How a time is written; each instant has one spelling per unit, but for its offset. */
  enum Unit {
    /** Unix seconds: {@code 0|[1-9][0-9]{0,11}}. */
    SECONDS("seconds"),
    /** Unix milliseconds, written the same way. */
    MILLISECONDS("milliseconds"),
    /** RFC 3339 with an offset, and up to nine digits of a second. */
    RFC3339("rfc3339"),
    /** The date of HTTP (RFC 9110 section 5.6.7), in its preferred form. */
    HTTP_DATE("http-date");

    static final Map<String, Unit> WORDS =
        Stream.of(values())
            .collect(Collectors.toUnmodifiableMap(u -> u.shown, Function.identity()));

    private static final Pattern RFC3339_FORM =
        Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
                + "(Z|[+-][0-9]{2}:[0-9]{2})");
    private static final Pattern HTTP_DATE_FORM =
        Pattern.compile(
            "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT");
    private static final int LONGEST_TEXT = 40;

    private final String shown;

    Unit(String shown) {
      this.shown = shown;
    }

    String shown() {
      return shown;
    }

    /**
     * The instant as Unix seconds, rounded down.
     *
     * @throws Refusal {@link Reason#TIMESTAMP_MALFORMED}
     */
    long seconds(String text) throws Refusal {
      return switch (this) {
        case SECONDS -> parse(text, MAX_DIGITS);
        case MILLISECONDS -> parse(text, MAX_DIGITS + 3) / THOUSAND;
        case RFC3339 -> date(text, RFC3339_FORM, DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        case HTTP_DATE -> httpDate(text);
      };
    }

    /**
     * The platform's parser takes 24:00 and the 31st of April for other times: one spelling only.
     */
    private static long httpDate(String text) throws Refusal {
      long seconds = date(text, HTTP_DATE_FORM, DateTimeFormatter.RFC_1123_DATE_TIME);
      if (!HTTP_DATE.write(Instant.ofEpochSecond(seconds)).equals(text)) {
        throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
      }
      return seconds;
    }

    private static long date(String text, Pattern form, DateTimeFormatter formatter)
        throws Refusal {
      if (text.length() > LONGEST_TEXT || !form.matcher(text).matches()) {
        throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
      }
      try {
        return OffsetDateTime.parse(text, formatter).toEpochSecond();
      } catch (DateTimeException noSuchDate) {
        throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
      }
    }

    /** Writes an instant. */
    String write(Instant at) {
      return switch (this) {
        case SECONDS -> Long.toString(at.getEpochSecond());
        case MILLISECONDS -> Long.toString(at.toEpochMilli());
        case RFC3339 -> at.toString();
        case HTTP_DATE ->
            // The platform's formatter writes one digit for the first nine days of a month.
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                .format(at.atOffset(ZoneOffset.UTC));
      };
    }
  }

  private static long parse(String text, int maxDigits) throws Refusal {
    if (text.isEmpty()
        || text.length() > maxDigits
        || (text.charAt(0) == '0' && text.length() > 1)) {
      throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw Refusal.of(Reason.TIMESTAMP_MALFORMED);
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }

  /**
   * Compares whole seconds.
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
