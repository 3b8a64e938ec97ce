package io.zenmesh.extproc.replay;

import java.time.Instant;
import java.util.Optional;

/**
 * The value of the key whose absence shows that a Redis forgot: which run of the server it was
 * written in, and when the loss before it was detected, so that all processors agree on the time.
 *
 * @param runId the server's {@code run_id}
 * @param lostAt whole seconds
 */
record EpochSentinel(String runId, Instant lostAt) {
  static final String KEY = "zen:epoch";

  static Optional<EpochSentinel> parse(String value) {
    int colon = value.indexOf(':');
    if (colon < 0 || !value.substring(colon + 1).matches("[0-9]{1,11}")) {
      return Optional.empty();
    }
    return Optional.of(
        new EpochSentinel(
            value.substring(0, colon),
            Instant.ofEpochSecond(Long.parseLong(value.substring(colon + 1)))));
  }

  String text() {
    return runId + ":" + lostAt.getEpochSecond();
  }
}
