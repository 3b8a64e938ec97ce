package io.zenmesh.xds.model;

/**
 * How many requests one ingress Envoy lets through to an endpoint: a token bucket that refills
 * steadily.
 *
 * @param requests how many in each period in the long run, 1 to {@value #MAX}
 * @param per the period
 * @param burst how many at once after a pause, 1 to {@value #MAX}
 */
public record RateLimit(int requests, Per per, int burst) {
  /** The most of either number. */
  public static final int MAX = 100_000;

  /** The period that requests are counted in. */
  public enum Per {
    SECOND(1),
    MINUTE(60);

    private final int seconds;

    Per(int seconds) {
      this.seconds = seconds;
    }

    /** Its length. */
    public int seconds() {
      return seconds;
    }
  }

  /**
   * @throws IllegalArgumentException when a number is out of bounds
   */
  public RateLimit {
    if (requests < 1 || requests > MAX) {
      throw new IllegalArgumentException("requests: " + requests + " (expected: 1 to " + MAX + ")");
    }
    if (burst < 1 || burst > MAX) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 1 to " + MAX + ")");
    }
  }

  /** Whole seconds, at least 1, after which an empty bucket holds a request again. */
  public int retryAfterSeconds() {
    return Math.ceilDiv(per.seconds(), requests);
  }
}
