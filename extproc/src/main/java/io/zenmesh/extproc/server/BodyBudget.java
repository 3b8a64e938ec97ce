package io.zenmesh.extproc.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of bodies may be under way to this process at once. Thread-safe, without locks.
 *
 * <p>Room is taken before Envoy is asked for a body, since all of it is sent before anything can be
 * verified, and given back as soon as it was looked at or the stream is over. Large bodies get at
 * most three quarters, so that slow uploads of them leave room for ordinary webhooks.
 */
final class BodyBudget {
  /** For a heap, and as much direct memory, of 128 MiB. */
  static final long DEFAULT_BYTES = 48L * 1024 * 1024;

  /** Bodies of up to this many bytes may use the last quarter. */
  static final long SMALL_BODY_BYTES = 64 * 1024;

  private final long limit;
  private final AtomicLong inUse = new AtomicLong();

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /** Takes room for a body; false, and nothing taken, when there is none. */
  boolean reserve(long bytes) {
    long most = bytes <= SMALL_BODY_BYTES ? limit : limit - limit / 4;
    if (inUse.addAndGet(bytes) <= most) {
      return true;
    }
    inUse.addAndGet(-bytes);
    return false;
  }

  void release(long bytes) {
    inUse.addAndGet(-bytes);
  }

  long inUse() {
    return inUse.get();
  }
}
