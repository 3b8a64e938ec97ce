package io.zenmesh.xds.model;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one id that joins a request's answer, log, receipt and record.
 *
 * <p>Taken over from {@code X-Request-Id} (what Envoy gives each request), else from the trace id
 * of a W3C {@code traceparent}, else made here. What does not match its grammar counts as absent:
 * it would stand in logs and records. Stateless, thread-safe.
 */
public final class Correlation {
  /** The longest id, in characters. */
  public static final int MAX_LENGTH = 128;

  private static final int MIN_LENGTH = 8;
  private static final Pattern TRACE_PARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

  /** A table: each request's id is looked at, and its comparisons were what that cost. */
  private static final boolean[] ALLOWED = new boolean[128];

  static {
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._"
        .chars()
        .forEach(c -> ALLOWED[c] = true);
  }

  private static final SecureRandom RANDOM = new SecureRandom();

  private Correlation() {}

  /** The id of a request that came with these headers; a header that stands twice is absent. */
  public static String of(Optional<String> requestId, Optional<String> traceParent) {
    return requestId
        .filter(Correlation::isValid)
        .or(() ->
            traceParent.map(TRACE_PARENT::matcher).filter(Matcher::matches).map(it -> it.group(1)))
        .orElseGet(Correlation::fresh);
  }

  /** Whether the text is 8 to 128 of {@code [A-Za-z0-9._-]}. */
  public static boolean isValid(String id) {
    if (id.length() < MIN_LENGTH || id.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c >= ALLOWED.length || !ALLOWED[c]) {
        return false;
      }
    }
    return true;
  }

  private static String fresh() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
