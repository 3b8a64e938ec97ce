package io.zenmesh.controlplane;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the process can do its work, found out each second in the background: whoever asks, and
 * however often, costs no connection. Thread-safe.
 */
final class Readiness implements BooleanSupplier, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final BooleanSupplier check;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("readiness").daemon().factory());
  private volatile boolean ready;

  /**
   * @param check may take its time
   */
  Readiness(BooleanSupplier check) {
    this.check = check;
  }

  /** Finds out once, and from then on each second. */
  void start() {
    look();
    var unused =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      ready = check.getAsBoolean();
    } catch (RuntimeException e) {
      // An exception out of here would end the timer with the last answer for ever.
      LOG.warn("readiness unknown: {}", e.getMessage());
      ready = false;
    }
  }

  @Override
  public boolean getAsBoolean() {
    return ready;
  }

  @Override
  public void close() {
    ready = false;
    timer.shutdownNow();
  }
}
