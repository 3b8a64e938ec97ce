package io.zenmesh.controlplane.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * How many requests one caller may make: a token bucket each, refilled steadily. Thread-safe.
 *
 * <p>Callers are told apart by what was authenticated, and where nothing was, by their address:
 * what costs us a look-up and an entry of the record before we know who asks is limited too.
 */
final class CallerLimits {
  private static final int CALLERS = 10_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int perSecond;
  private final int burst;
  private final Ticker ticker;
  private final Cache<String, Bucket> buckets;

  /**
   * @param perSecond in the long run
   * @param burst at once after a pause
   */
  CallerLimits(int perSecond, int burst, Ticker ticker) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.ticker = ticker;
    // A bucket that nobody asks for is full again long before it is forgotten.
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(CALLERS)
            .expireAfterAccess(Duration.ofMinutes(10))
            .ticker(ticker)
            .build();
  }

  /** Whether the caller may ask now; takes one token if so. */
  boolean admit(String caller) {
    return buckets.get(caller, key -> new Bucket(burst, ticker.read())).take();
  }

  private final class Bucket {
    private double tokens;
    private long filled;

    Bucket(double tokens, long filled) {
      this.tokens = tokens;
      this.filled = filled;
    }

    synchronized boolean take() {
      long now = ticker.read();
      double refill = (double) (now - filled) * perSecond / NANOS_PER_SECOND;
      tokens = Math.min(burst, tokens + refill);
      filled = now;
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }
}
