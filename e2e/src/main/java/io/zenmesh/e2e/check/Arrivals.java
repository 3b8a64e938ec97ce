package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The requests a target received, oldest dropped first beyond a bound. Thread-safe.
 *
 * <p>A question about requests that were dropped cannot be answered: it fails instead.
 */
public final class Arrivals {
  private final int maxRequests;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<ReceivedRequest> kept = new ArrayDeque<>();
  private long bytes;
  private long total;

  Arrivals(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  void add(String method, String path, List<Field> headers, ByteString body) {
    lock.lock();
    try {
      kept.addLast(new ReceivedRequest(++total, method, path, headers, body));
      bytes += body.size();
      while (kept.size() > maxRequests || (bytes > maxBytes && kept.size() > 1)) {
        bytes -= kept.removeFirst().body().size();
      }
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many requests ever arrived; also the mark to ask {@link #after} with. */
  public long total() {
    lock.lock();
    try {
      return total;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The requests that arrived later than a mark, in order.
   *
   * @throws IllegalStateException when some of them were dropped
   */
  public List<ReceivedRequest> after(long mark) {
    lock.lock();
    try {
      if (mark < total - kept.size()) {
        throw new IllegalStateException(
            "arrivals: dropped (expected: at most " + maxRequests + ")");
      }
      return kept.stream().filter(request -> request.sequence() > mark).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The kept requests that fit, in order of arrival. */
  public List<ReceivedRequest> matching(Predicate<ReceivedRequest> wanted) {
    lock.lock();
    try {
      return kept.stream().filter(wanted).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many requests fit; returns what there is when the time is over. */
  public List<ReceivedRequest> await(
      Predicate<ReceivedRequest> wanted, int count, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (kept.stream().filter(wanted).count() < count && left > 0) {
        left = arrived.awaitNanos(left);
      }
      return kept.stream().filter(wanted).toList();
    } finally {
      lock.unlock();
    }
  }
}
