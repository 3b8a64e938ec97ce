package io.zenmesh.extproc.keys;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers which places an endpoint's messages had fetched lately: each at most once per {@link
 * #PAUSE}, found or not, and no more than {@value #MOST_NEW} new places in that time, since who
 * sends forgeries chooses the names. Thread-safe.
 */
final class Attempts {
  static final Duration PAUSE = Duration.ofSeconds(10);
  static final int MOST_NEW = 8;

  private final Map<URI, Attempt> recent = new HashMap<>();

  private record Attempt(long at, boolean isNew) {}

  /**
   * Whether a place may be fetched now; if so that counts as an attempt.
   *
   * @param isNew whether nothing of the place is known yet
   */
  synchronized boolean begin(URI place, boolean isNew, long nanos) {
    recent.values().removeIf(attempt -> nanos - attempt.at() >= PAUSE.toNanos());
    if (recent.containsKey(place)) {
      return false;
    }
    long others = recent.values().stream().filter(Attempt::isNew).count();
    if (isNew && others >= MOST_NEW) {
      return false;
    }
    recent.put(place, new Attempt(nanos, isNew));
    return true;
  }

  /** Takes back an attempt that was not made. */
  synchronized void forget(URI place) {
    recent.remove(place);
  }
}
