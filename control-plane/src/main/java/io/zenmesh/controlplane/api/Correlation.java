package io.zenmesh.controlplane.api;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one id that joins a request's answer, log and record.
 *
 * <p>Taken over from {@code X-Request-Id} (what Envoy gives each request), else from the trace id
 * of a W3C {@code traceparent}, else made here. What does not match its grammar counts as absent:
 * it would stand in logs and records.
 */
final class Correlation {
  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{8,128}");
  private static final Pattern TRACE_PARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Correlation() {}

  static String of(Optional<String> requestId, Optional<String> traceParent) {
    return requestId
        .filter(it -> REQUEST_ID.matcher(it).matches())
        .or(() ->
            traceParent.map(TRACE_PARENT::matcher).filter(Matcher::matches).map(it -> it.group(1)))
        .orElseGet(Correlation::fresh);
  }

  private static String fresh() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
