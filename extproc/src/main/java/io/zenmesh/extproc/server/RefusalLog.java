package io.zenmesh.extproc.server;

import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.signature.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line per refusal, at most {@value #LINES_PER_SECOND} a second: a flood of forgeries must not
 * become a flood of log lines. What was left out is counted in the next line. Nothing a sender
 * wrote goes into it, but for an id of [A-Za-z0-9._-] where Envoy gave none.
 */
final class RefusalLog {
  static final int LINES_PER_SECOND = 50;
  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final LongSupplier nanoTime;
  private final AtomicLong windowStart;
  private final AtomicLong inWindow = new AtomicLong();
  private final AtomicLong leftOut = new AtomicLong();

  RefusalLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.windowStart = new AtomicLong(nanoTime.getAsLong());
  }

  void refused(Reason reason, Optional<PreparedEndpoint> endpoint, String correlation) {
    line(reason, endpoint, correlation, "refused");
  }

  /** What would have been refused. */
  void letOnInDryRun(Reason reason, PreparedEndpoint endpoint, String correlation) {
    line(reason, Optional.of(endpoint), correlation, "let on in dry run");
  }

  private void line(
      Reason reason, Optional<PreparedEndpoint> endpoint, String correlation, String what) {
    if (!admitted()) {
      leftOut.incrementAndGet();
      return;
    }
    log.atInfo()
        .addKeyValue("reason", reason.code())
        .addKeyValue("endpoint", endpoint.map(e -> e.ref().routeName()).orElse("-"))
        .addKeyValue("scheme", endpoint.map(PreparedEndpoint::scheme).orElse("-"))
        .addKeyValue("correlation", correlation)
        .addKeyValue("leftOut", leftOut.getAndSet(0))
        .log(what);
  }

  private boolean admitted() {
    long now = nanoTime.getAsLong();
    long start = windowStart.get();
    if (now - start >= SECOND && windowStart.compareAndSet(start, now)) {
      inWindow.set(0);
    }
    return inWindow.incrementAndGet() <= LINES_PER_SECOND;
  }
}
