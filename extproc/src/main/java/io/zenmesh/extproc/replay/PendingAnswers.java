package io.zenmesh.extproc.replay;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The answers one lane waits for, and their common time-out.
 *
 * <p>All have the same time-out, so the oldest is always the first to expire: one queue and one
 * coarse tick do what a timer per command would, at no cost per command. Belongs to its loop.
 */
final class PendingAnswers {
  private static final long TICK_MILLIS = 20;

  private final EventLoop loop;
  private final ReplayObserver observer;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private boolean ticking;

  private record Pending(CompletableFuture<?> answer, long askedNanos) {}

  PendingAnswers(EventLoop loop, ReplayObserver observer) {
    this.loop = loop;
    this.observer = observer;
  }

  /** Fails the answer when it has not come in time. */
  void add(CompletableFuture<?> answer, long askedNanos) {
    if (!answer.isDone()) {
      queue.add(new Pending(answer, askedNanos));
      tickLater();
    }
  }

  void fail(CompletableFuture<?> answer) {
    if (answer.completeExceptionally(RedisLane.Unanswered.INSTANCE)) {
      observer.unanswered();
    }
  }

  void failAll() {
    List<Pending> all = List.copyOf(queue);
    queue.clear();
    all.forEach(pending -> fail(pending.answer()));
  }

  private void tickLater() {
    if (!ticking) {
      ticking = true;
      var unused = loop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    ticking = false;
    long oldest = System.nanoTime() - ReplayLadder.STORE_TIMEOUT.toNanos();
    while (!queue.isEmpty()) {
      Pending head = queue.peek();
      boolean expired = head.askedNanos() - oldest <= 0;
      if (!expired && !head.answer().isDone()) {
        break;
      }
      queue.poll();
      if (expired) {
        fail(head.answer());
      }
    }
    if (!queue.isEmpty()) {
      tickLater();
    }
  }
}
