package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class GroupCommitTrailTest {
  /** A store that waits for its gate, and fails when it has a failure. */
  private static final class GatedStore implements AuditStore {
    private final List<List<AuditEvent>> batches = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private volatile Optional<AuditUnavailableException> failure = Optional.empty();

    @Override
    public void append(List<AuditEvent> events) {
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      failure.ifPresent(it -> {
        throw it;
      });
      batches.add(List.copyOf(events));
    }
  }

  private final GatedStore store = new GatedStore();
  private final GroupCommitTrail trail = new GroupCommitTrail(store);

  @AfterEach
  void end() {
    store.gate.countDown();
    trail.close();
  }

  private CompletableFuture<Void> recordLater(int number) {
    return CompletableFuture.runAsync(
        () -> trail.record(TestEvents.event(TestEvents.ACME, number)),
        task -> Thread.ofVirtual().start(task));
  }

  private void awaitWaiting(int events) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (trail.waiting() < events) {
      assertThat(System.nanoTime() - end)
          .as("%d of %d events wait in time", trail.waiting(), events)
          .isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  @Test
  @Timeout(30)
  void whatArrivesDuringACommit_isOneBatch() throws InterruptedException {
    CompletableFuture<Void> first = recordLater(1);
    store.entered.await();
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 2; i <= 11; i++) {
      others.add(recordLater(i));
    }
    awaitWaiting(10);
    assertThat(first).isNotDone();
    store.gate.countDown();
    first.join();
    others.forEach(CompletableFuture::join);
    assertThat(store.batches).extracting(List::size).containsExactly(1, 10);
  }

  @Test
  @Timeout(30)
  void A13_F32_storeThatNeverAnswers_isUnavailableAndLeavesNothingQueued()
      throws InterruptedException {
    CompletableFuture<Void> taken = recordLater(1);
    store.entered.await();
    CompletableFuture<Void> queued = recordLater(2);
    assertThatThrownBy(taken::join).hasCauseInstanceOf(AuditUnavailableException.class);
    assertThatThrownBy(queued::join)
        .hasCauseInstanceOf(AuditUnavailableException.class)
        .hasMessageContaining("audit: store does not answer in time");
    CompletableFuture<Void> later = recordLater(3);
    awaitWaiting(2);
    store.gate.countDown();
    later.join();
    assertThat(store.batches.stream().flatMap(List::stream))
        .doesNotContain(TestEvents.event(TestEvents.ACME, 2))
        .contains(TestEvents.event(TestEvents.ACME, 3));
  }

  @Test
  @Timeout(30)
  void A13_F32_fullQueue_isRefusedAtOnce() throws InterruptedException {
    CompletableFuture<Void> taken = recordLater(1);
    store.entered.await();
    List<AuditEvent> many =
        Collections.nCopies(GroupCommitTrail.MAX_BATCH, TestEvents.event(TestEvents.ACME, 2));
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < GroupCommitTrail.MAX_WAITING / GroupCommitTrail.MAX_BATCH; i++) {
      waiting.add(
          CompletableFuture.runAsync(
              () -> trail.record(many), task -> Thread.ofVirtual().start(task)));
    }
    awaitWaiting(GroupCommitTrail.MAX_WAITING);
    assertThatThrownBy(() -> trail.record(TestEvents.event(TestEvents.ACME, 3)))
        .isInstanceOf(AuditUnavailableException.class)
        .hasMessage("audit: 65536 events wait already");
    assertThat(taken).isNotDone();
    store.gate.countDown();
    taken.join();
    waiting.forEach(CompletableFuture::join);
  }

  @Test
  @Timeout(30)
  void A13_storeThatFails_isUnavailableUntilItWorksAgain() {
    store.gate.countDown();
    store.failure =
        Optional.of(new AuditUnavailableException("audit: disk full", new IllegalStateException()));
    assertThatThrownBy(() -> trail.record(TestEvents.event(TestEvents.ACME, 1)))
        .isInstanceOf(AuditUnavailableException.class)
        .hasMessage("audit: store failed");
    store.failure = Optional.empty();
    trail.record(TestEvents.event(TestEvents.ACME, 2));
    assertThat(store.batches).containsExactly(List.of(TestEvents.event(TestEvents.ACME, 2)));
  }

  @Test
  void closedTrail_takesNothing() {
    store.gate.countDown();
    trail.close();
    assertThatThrownBy(() -> trail.record(TestEvents.event(TestEvents.ACME, 1)))
        .isInstanceOf(AuditUnavailableException.class)
        .hasMessage("audit: closed");
  }
}
