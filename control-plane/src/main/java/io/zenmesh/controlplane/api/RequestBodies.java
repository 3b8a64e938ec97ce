package io.zenmesh.controlplane.api;

import io.javalin.http.Context;
import io.zenmesh.controlplane.tenant.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads the bodies of requests, so that who sends one slowly holds up nobody else. Thread-safe.
 *
 * <p>A body is read only when the operation takes one, its stated length is within the operation's
 * limit, and its caller is known and allowed. At most {@link #AT_ONCE} are read at once, of them
 * {@link #OF_ONE_CALLER} of one tenant or operator, each for {@link #LONGEST} at most: the server's
 * other threads are never in a read.
 */
final class RequestBodies {
  /** Bodies that are read at once. */
  static final int AT_ONCE = 12;

  /** Of one tenant or operator. */
  static final int OF_ONE_CALLER = 6;

  /** From the first byte to the last. */
  static final Duration LONGEST = Duration.ofSeconds(10);

  private static final int PART = 16 * 1024;
  private static final long PATIENCE_MILLIS = 500;

  private final Semaphore all = new Semaphore(AT_ONCE);
  private final ConcurrentHashMap<String, Semaphore> callers = new ConcurrentHashMap<>();

  /** What came of it. */
  sealed interface Read {
    /** The body, whole; empty when there is none. */
    final class Whole implements Read {
      private final byte[] body;

      private Whole(byte[] body) {
        this.body = body;
      }

      byte[] body() {
        return body;
      }
    }

    /** It is not taken. */
    record Refused(Problem.Kind kind, List<String> problems) implements Read {}
  }

  /**
   * Reads a body.
   *
   * @throws IOException when it ends early, or stalls for the connection's idle time
   */
  Read read(Context request, ApiOperation operation, Optional<Caller> caller) throws IOException {
    long stated = request.req().getContentLengthLong();
    boolean chunked = request.header("Transfer-Encoding") != null;
    if (stated == 0 || (stated < 0 && !chunked)) {
      return new Read.Whole(new byte[0]);
    }
    if (operation.body().isEmpty() || caller.isEmpty()) {
      return new Read.Refused(
          Problem.Kind.BODY_MALFORMED, List.of("body: present (expected: none)"));
    }
    int limit = operation.body().get().maxBytes();
    if (stated > limit) {
      return new Read.Refused(Problem.Kind.BODY_TOO_LARGE, List.of());
    }
    return within(whose(caller.get()), request.bodyInputStream(), limit);
  }

  private static String whose(Caller caller) {
    return switch (caller) {
      case Caller.Operator(String id) -> id;
      case Caller.Member member -> "tenant/" + member.tenant();
    };
  }

  private Read within(String caller, InputStream in, int limit) throws IOException {
    Semaphore own = callers.computeIfAbsent(caller, it -> new Semaphore(OF_ONE_CALLER));
    if (!taken(own)) {
      return new Read.Refused(Problem.Kind.RATE_LIMITED, List.of());
    }
    try {
      if (!taken(all)) {
        return new Read.Refused(Problem.Kind.RATE_LIMITED, List.of());
      }
      try {
        return whole(in, limit);
      } finally {
        all.release();
      }
    } finally {
      own.release();
    }
  }

  private static boolean taken(Semaphore semaphore) {
    try {
      return semaphore.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Grows with what comes, not with what is announced. What is left behind may hold a secret. */
  private static Read whole(InputStream in, int limit) throws IOException {
    long end = System.nanoTime() + LONGEST.toNanos();
    byte[] body = new byte[Math.min(PART, limit + 1)];
    int length = 0;
    try {
      while (true) {
        if (length == body.length) {
          byte[] former = body;
          body = Arrays.copyOf(former, (int) Math.min(2L * length, limit + 1L));
          Arrays.fill(former, (byte) 0);
        }
        int came = in.read(body, length, body.length - length);
        if (came < 0) {
          return new Read.Whole(Arrays.copyOf(body, length));
        }
        length += came;
        if (length > limit) {
          return new Read.Refused(Problem.Kind.BODY_TOO_LARGE, List.of());
        }
        if (System.nanoTime() - end > 0) {
          return new Read.Refused(Problem.Kind.BODY_TOO_SLOW, List.of());
        }
      }
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }
}
