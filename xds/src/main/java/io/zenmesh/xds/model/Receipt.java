package io.zenmesh.xds.model;

/**
 * One verdict of a processor, as it goes on the record of the tenant: who was asked and how it
 * ended, and nothing of the request but its ids. Immutable.
 *
 * @param ref the endpoint that was asked
 * @param outcome how it ended
 * @param reason the stable code of a refusal, or of what a dry run would have refused; else empty
 * @param correlation the request's id, see {@link Correlation}
 * @param eventId the id that the message was let on with; empty when it was not
 * @param timeMicros when, by the processor's clock, in microseconds since 1970-01-01T00:00:00Z
 */
public record Receipt(
    EndpointRef ref,
    Outcome outcome,
    String reason,
    String correlation,
    String eventId,
    long timeMicros) {
  /** The longest reason, in characters. */
  public static final int MAX_REASON = 64;

  /** The longest event id, in characters; a sender signs what it likes. */
  public static final int MAX_EVENT_ID = 128;

  /** How a request ended. */
  public enum Outcome {
    /** Let on to the destination. */
    ACCEPTED,
    /** Refused. */
    REFUSED,
    /** Answered as a duplicate of what was delivered. */
    ACKNOWLEDGED,
    /** Let on in dry run, whatever the verdict. */
    DRY_RUN,
    /** A provider's question, answered here. */
    ANSWERED
  }

  /**
   * @throws IllegalArgumentException when a bound is broken or a text is not printable ASCII
   */
  public Receipt {
    checked("reason", reason, MAX_REASON);
    checked("eventId", eventId, MAX_EVENT_ID);
    if (!Correlation.isValid(correlation)) {
      throw new IllegalArgumentException("correlation: (expected: [A-Za-z0-9._-]{8,128})");
    }
    if (timeMicros < 0) {
      throw new IllegalArgumentException("time: " + timeMicros + " (expected: not negative)");
    }
  }

  private static void checked(String field, String text, int most) {
    if (text.length() > most) {
      throw new IllegalArgumentException(
          field + ": " + text.length() + " characters (expected: at most " + most + ")");
    }
    for (int i = 0; i < text.length(); i++) {
      if (unprintable(text.charAt(i))) {
        throw new IllegalArgumentException(field + ": (expected: printable ASCII)");
      }
    }
  }

  private static boolean unprintable(char c) {
    return c <= ' ' || c > '~';
  }

  /** The event id as a receipt holds it: cut, and {@code ?} for what is not printable. */
  public static String eventId(String id) {
    boolean fits = id.length() <= MAX_EVENT_ID;
    for (int i = 0; fits && i < id.length(); i++) {
      fits = !unprintable(id.charAt(i));
    }
    if (fits) {
      return id;
    }
    StringBuilder out = new StringBuilder(MAX_EVENT_ID);
    for (int i = 0; i < Math.min(id.length(), MAX_EVENT_ID); i++) {
      char c = id.charAt(i);
      out.append(unprintable(c) ? '?' : c);
    }
    return out.toString();
  }
}
