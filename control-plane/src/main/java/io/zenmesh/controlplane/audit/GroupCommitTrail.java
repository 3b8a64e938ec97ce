package io.zenmesh.controlplane.audit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trail that puts what many callers record into one transaction: while one is being committed,
 * the next gathers. Thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A caller gets its answer within two seconds whatever the store does: down, full, or blocked by
 * a lock. What waits is bounded; above the bound a caller is refused at once. A caller that was
 * refused before its events were taken up has nothing on record.
 */
public final class GroupCommitTrail implements AuditTrail, AutoCloseable {
  /** How long a caller waits at most. */
  public static final Duration DEADLINE = Duration.ofSeconds(2);

  /** The most events in one transaction, and in one call. */
  public static final int MAX_BATCH = 4_096;

  /** The most events that wait. */
  static final int MAX_WAITING = 65_536;

  private static final Logger LOG = LoggerFactory.getLogger(GroupCommitTrail.class);

  /** Shorter than the deadline: the answer has its own way to go. */
  private static final long WAIT_MILLIS = DEADLINE.toMillis() - 150;

  private final AuditStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<Request> queue = new ArrayDeque<>();
  private final Thread writer;
  private int waiting;
  private boolean closed;
  private boolean failing;

  private static final class Request {
    private final List<AuditEvent> events;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private boolean abandoned;

    Request(List<AuditEvent> events) {
      this.events = events;
    }
  }

  /** Starts its one thread. */
  public GroupCommitTrail(AuditStore store) {
    this.store = store;
    this.writer = Thread.ofPlatform().name("audit-writer").daemon().start(this::write);
  }

  @Override
  public void record(List<AuditEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    if (events.size() > MAX_BATCH) {
      throw new IllegalArgumentException(
          "events: " + events.size() + " (expected: at most " + MAX_BATCH + ")");
    }
    Request request = new Request(List.copyOf(events));
    enqueue(request);
    try {
      var _ = request.done.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      abandon(request);
      throw new AuditUnavailableException("audit: store does not answer in time", e);
    } catch (ExecutionException e) {
      throw new AuditUnavailableException(
          "audit: store failed", e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      abandon(request);
      Thread.currentThread().interrupt();
      throw new AuditUnavailableException("audit: interrupted", e);
    }
  }

  private void enqueue(Request request) {
    lock.lock();
    try {
      if (closed || waiting + request.events.size() > MAX_WAITING) {
        throw new AuditUnavailableException(
            closed ? "audit: closed" : "audit: " + waiting + " events wait already",
            new IllegalStateException());
      }
      queue.add(request);
      waiting += request.events.size();
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void abandon(Request request) {
    lock.lock();
    try {
      request.abandoned = true;
    } finally {
      lock.unlock();
    }
  }

  /** How many events wait to be taken up. */
  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    while (true) {
      List<Request> batch = take();
      if (batch.isEmpty()) {
        return;
      }
      List<AuditEvent> events = new ArrayList<>();
      batch.forEach(request -> events.addAll(request.events));
      try {
        store.append(events);
        batch.forEach(request -> request.done.complete(true));
        failing = false;
      } catch (RuntimeException | Error e) {
        // Whatever it is, the callers wait for an answer and the next batch for this thread.
        batch.forEach(request -> request.done.completeExceptionally(e));
        if (!failing) {
          LOG.error("audit: {} events not on record: {}", events.size(), e.getMessage());
        }
        failing = true;
      }
    }
  }

  /** What the next transaction is made of; empty when there will be none. */
  private List<Request> take() {
    lock.lock();
    try {
      while (true) {
        List<Request> batch = new ArrayList<>();
        int size = 0;
        while (!queue.isEmpty() && size + queue.getFirst().events.size() <= MAX_BATCH) {
          Request request = queue.removeFirst();
          waiting -= request.events.size();
          if (!request.abandoned) {
            size += request.events.size();
            batch.add(request);
          }
        }
        if (!batch.isEmpty() || closed) {
          return batch;
        }
        arrived.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what waits is still written, for at most the deadline. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!writer.join(DEADLINE)) {
        LOG.warn("audit: writer did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
