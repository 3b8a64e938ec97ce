package io.zenmesh.xds.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waits between attempts: 100 ms, doubled each time up to 5 s, spread by a quarter either way. */
final class Backoff {
  static final Duration FIRST = Duration.ofMillis(100);
  static final Duration LONGEST = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The wait before the next attempt. */
  Duration next() {
    long millis = next.toMillis();
    next = next.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : next.multipliedBy(2);
    return Duration.ofMillis(Math.round(millis * random.nextDouble(0.75, 1.25)));
  }

  void reset() {
    next = FIRST;
  }
}
