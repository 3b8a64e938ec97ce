package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers what is in the spool, batch after batch, and removes what is on record. */
final class SpoolSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolSender.class);

  /** Gathers meanwhile: batches are cheaper than receipts. */
  private static final Duration IDLE = Duration.ofMillis(200);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration END = Duration.ofSeconds(1);

  private final Spool spool;
  private final Delivery delivery;
  private final ReceiptObserver observer;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private Duration pause = FIRST_PAUSE;
  private boolean failing;

  SpoolSender(Spool spool, Delivery delivery, ReceiptObserver observer) {
    this.spool = spool;
    this.delivery = delivery;
    this.observer = observer;
    this.thread = Thread.ofPlatform().daemon().name("receipts-sender").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      Duration wait = Duration.ZERO;
      while (!closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        wait = round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Delivers one batch; returns the wait before the next. */
  private Duration round() {
    try {
      Optional<EncodedReceipts> batch = spool.take(observer);
      if (batch.isEmpty()) {
        return IDLE;
      }
      long through = delivery.deliver(batch.get());
      if (through < batch.get().last()) {
        throw new IOException("acknowledged through " + through + " (expected: all of the batch)");
      }
      spool.removeTaken();
      observer.recorded(batch.get().receipts().size());
      if (failing) {
        LOG.info("receipts: delivered again");
      }
      failing = false;
      pause = FIRST_PAUSE;
      return batch.get().receipts().size() < ReceiptBatch.MAX_RECEIPTS ? IDLE : Duration.ZERO;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        LOG.warn("receipts: not delivered, kept in the spool: {}", e.toString());
      }
      failing = true;
      Duration wait = pause;
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
      return wait;
    }
  }

  /** Ends after the batch under way, which may come again after the next start. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(END)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
