package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.Receipt;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes receipts from event loops and writes them to the spool, every {@link #PERIOD}. Handing one
 * in costs an allocation and a counter: no lock, no system call. Thread-safe.
 *
 * <p>What a process that is killed loses is what was handed in since the last write.
 */
final class SpoolWriter implements ReceiptBook, AutoCloseable {
  /** How long a receipt is in memory only, while the disk keeps up. */
  static final Duration PERIOD = Duration.ofMillis(20);

  /** With this many in memory there is no room: the disk does not keep up. */
  static final int FULL_QUEUE = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(SpoolWriter.class);
  private static final long ROUNDS_UNFORCED = Duration.ofSeconds(1).dividedBy(PERIOD);
  private static final Duration END = Duration.ofSeconds(3);
  private static final int AT_ONCE = 512;

  private final Spool spool;
  private final long mostBytes;
  private final ReceiptObserver observer;
  private final Line wished;
  private final Line owed;
  private final AtomicLong droppedWhileFull = new AtomicLong();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Fill fill = Fill.EMPTY;
  private volatile long onDisk;

  // The writing thread's own.
  private boolean writable = true;
  private int roundsUnforced;

  SpoolWriter(Spool spool, long mostBytes, ReceiptObserver observer) {
    this.spool = spool;
    this.mostBytes = mostBytes;
    this.observer = observer;
    wished = new Line(Fill.bound(mostBytes));
    owed = new Line(mostBytes);
    refill();
    this.thread = Thread.ofPlatform().daemon().name("receipts-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Receipts in memory, of one need. */
  private static final class Line {
    private final long bound;
    private final Queue<Receipt> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger length = new AtomicInteger();
    private final Deque<Receipt> next = new ArrayDeque<>();

    /**
     * @param bound on the spool's bytes while these are written
     */
    Line(long bound) {
      this.bound = bound;
    }

    boolean offer(Receipt receipt) {
      length.incrementAndGet();
      return queue.add(receipt);
    }

    /** The next ones to write, the same until they are {@link #passed}. */
    List<Receipt> next() {
      while (next.size() < AT_ONCE) {
        Receipt receipt = queue.poll();
        if (receipt == null) {
          break;
        }
        next.add(receipt);
      }
      return new ArrayList<>(next);
    }

    void passed(int count) {
      for (int i = 0; i < count; i++) {
        next.removeFirst();
      }
      length.addAndGet(-count);
    }
  }

  @Override
  public boolean room() {
    return !fill.full() && wished.length.get() < FULL_QUEUE;
  }

  @Override
  public boolean add(Receipt receipt, Need need) {
    boolean kept =
        switch (need) {
          case WISHED -> room() && wished.offer(receipt);
          case OWED -> offerOwed(receipt);
        };
    if (!kept) {
      drop(1);
    }
    return kept;
  }

  /** Takes it if it can be written whatever else waits: all of these count as the longest. */
  private boolean offerOwed(Receipt receipt) {
    long others = Math.max(onDisk, Fill.bound(mostBytes));
    long length = owed.length.incrementAndGet();
    boolean fits = others + length * SpoolFormat.MAX_RECORD <= mostBytes;
    if (!fits) {
      owed.length.decrementAndGet();
      return false;
    }
    return owed.queue.add(receipt);
  }

  /** What an operator should know: how full it is. */
  String state() {
    return "%s: %d of %d bytes wait".formatted(room() ? "ok" : "full", spool.bytes(), mostBytes);
  }

  private void run() {
    try {
      boolean ending;
      do {
        ending = closing.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        round();
      } while (!ending);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what was handed in, and looks how full that made it. */
  private void round() {
    try {
      write(owed);
      write(wished);
      if (++roundsUnforced >= ROUNDS_UNFORCED) {
        roundsUnforced = 0;
        spool.force();
      }
      if (!writable) {
        LOG.info("receipts: spool can be written again");
      }
      writable = true;
    } catch (IOException | RuntimeException e) {
      if (writable) {
        LOG.error("receipts: spool cannot be written: {}", e.toString());
      }
      writable = false;
    }
    refill();
  }

  private void write(Line line) throws IOException {
    for (List<Receipt> next = line.next(); !next.isEmpty(); next = line.next()) {
      int kept = spool.append(next, line.bound);
      onDisk = spool.bytes();
      if (kept > 0) {
        observer.spooled(kept);
        line.passed(kept);
      } else {
        drop(next.size());
        line.passed(next.size());
      }
    }
  }

  private void drop(int count) {
    droppedWhileFull.addAndGet(count);
    observer.dropped(count);
  }

  private void refill() {
    long bytes = spool.bytes();
    onDisk = bytes;
    boolean was = fill.full();
    fill = fill.next(bytes, mostBytes, writable);
    observer.filled(bytes, !room());
    if (!was && fill.full()) {
      LOG.error(
          "receipts: no room: {} of {} bytes wait for the control plane; endpoints refuse or accept"
              + " without receipt, as each says in onReceiptLoss",
          bytes,
          mostBytes);
    } else if (was && !fill.full()) {
      LOG.warn("receipts: room again; {} were not kept", droppedWhileFull.getAndSet(0));
    }
  }

  /** Writes what was handed in. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive() && !thread.join(END)) {
        LOG.warn("receipts: {} not written in time", wished.length.get() + owed.length.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
