package io.zenmesh.e2e.harness;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits until something is so, and says what was found instead when it never was.
 *
 * <p>Probes run on the caller's thread, at least once, then every 20 ms growing to 200 ms.
 */
public final class Eventually {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

  private Eventually() {}

  /** What a probe found: the value waited for, or a description of what was there instead. */
  public sealed interface Found<T> {
    /** The wait is over. */
    record Value<T>(T value) implements Found<T> {}

    /** Not yet. */
    record Instead<T>(String description) implements Found<T> {}

    /** Never: waiting longer is pointless. */
    record Never<T>(HarnessException reason) implements Found<T> {}

    static <T> Found<T> value(T value) {
      return new Value<>(value);
    }

    static <T> Found<T> instead(String description) {
      return new Instead<>(description);
    }
  }

  /** One look at the world; an exception counts as "not yet" with its message. */
  @FunctionalInterface
  public interface Probe<T> {
    Found<T> look() throws Exception;
  }

  /** A condition; an exception counts as false with its message. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits for a value.
   *
   * @param what what is waited for, for the error text
   * @throws HarnessException when the time is over, with the last thing found
   */
  public static <T> T get(String what, Duration timeout, Probe<T> probe) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE.toNanos();
    while (true) {
      Found<T> found = look(probe);
      switch (found) {
        case Found.Value<T>(T value) -> {
          return value;
        }
        case Found.Never<T>(HarnessException reason) -> throw reason;
        case Found.Instead<T>(String description) -> {
          if (System.nanoTime() >= deadline) {
            throw new HarnessException(
                what + ": " + description + " (expected: within " + timeout.toSeconds() + " s)");
          }
        }
      }
      pause(pause);
      pause = Math.min(LONGEST_PAUSE.toNanos(), pause + pause / 2);
    }
  }

  /** Waits until a condition holds. */
  public static void holds(String what, Duration timeout, Condition condition) {
    var _ =
        get(
            what,
            timeout,
            () -> condition.holds() ? Found.value(true) : Found.instead("not so yet"));
  }

  private static <T> Found<T> look(Probe<T> probe) {
    try {
      return probe.look();
    } catch (Exception e) {
      return Found.instead(
          e.getClass().getSimpleName()
              + Optional.ofNullable(e.getMessage()).map(m -> ": " + m).orElse(""));
    }
  }

  private static void pause(long nanos) {
    if (Thread.currentThread().isInterrupted()) {
      throw new HarnessException("interrupted while waiting");
    }
    LockSupport.parkNanos(Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
  }
}
