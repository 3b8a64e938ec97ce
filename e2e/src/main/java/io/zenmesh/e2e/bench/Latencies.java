package io.zenmesh.e2e.bench;

import java.time.Duration;

/** A histogram of latencies: 1 us buckets up to 200 ms, everything longer in the last. */
final class Latencies {
  private static final int BUCKETS = 200_000;
  private static final int NANOS_PER_BUCKET = 1_000;

  private final int[] counts = new int[BUCKETS + 1];
  private long total;

  void add(long nanos) {
    counts[(int) Math.min(BUCKETS, nanos / NANOS_PER_BUCKET)]++;
    total++;
  }

  long total() {
    return total;
  }

  /** The latency that this share of all stays below; zero without any. */
  Duration quantile(double share) {
    long rank = (long) Math.ceil(share * total);
    long seen = 0;
    for (int bucket = 0; bucket <= BUCKETS; bucket++) {
      seen += counts[bucket];
      if (seen >= rank && rank > 0) {
        return Duration.ofNanos((bucket + 1L) * NANOS_PER_BUCKET);
      }
    }
    return Duration.ZERO;
  }
}
