package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every guard must do, whatever it stores in. */
abstract class ReplayGuardContract {
  private static final Duration WINDOW = Duration.ofMinutes(11);
  private static final AtomicInteger UNIQUE = new AtomicInteger();

  final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  final CountingObserver observer = new CountingObserver();

  static final class CountingObserver implements ReplayObserver {
    final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger acceptedAfterLoss = new AtomicInteger();

    @Override
    public void lost(Instant detectedAt) {
      lost.incrementAndGet();
    }

    @Override
    public void acceptedAfterLoss() {
      acceptedAfterLoss.incrementAndGet();
    }
  }

  /** A guard that answers, on {@link #clock}. */
  abstract ReplayGuard guard();

  /** Makes the store forget everything, and waits until the guard has noticed. */
  abstract void loseMemory();

  /** How long the store will remember the key; zero when it does not. */
  abstract Duration remaining(ReplayKey key);

  /** Waits until the store forgot the key because its time is over. */
  abstract void awaitExpiry(ReplayKey key, Duration window);

  static ReplayKey freshKey() {
    byte[] value =
        ("value-" + UNIQUE.incrementAndGet()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return ReplayKey.of("acme", "orders", "nonce", value);
  }

  static <T> T done(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join();
  }

  ReplayMessage message(ReplayKey key) {
    return message(key, WINDOW);
  }

  ReplayMessage message(ReplayKey key, Duration window) {
    return new ReplayMessage(key, Optional.of(clock.instant()), window, OnStoreLoss.REFUSE);
  }

  ReplayMessage timeless(ReplayKey key, OnStoreLoss onStoreLoss) {
    return new ReplayMessage(key, Optional.empty(), WINDOW, onStoreLoss);
  }

  Claim claimed(ReplayMessage message) {
    ClaimResult result = done(guard().claim(message));
    assertThat(result).isInstanceOf(Claimed.class);
    return ((Claimed) result).claim();
  }

  @Test
  void P05_sameNonceTwice_isFreshThenSeen() {
    ReplayMessage message = message(freshKey());
    assertThat(done(guard().claimOnce(message))).isEqualTo(OnceResult.FRESH);
    assertThat(done(guard().claimOnce(message))).isEqualTo(OnceResult.SEEN);
  }

  @Test
  void claimOnce_isRememberedForTheWindow() {
    ReplayMessage message = message(freshKey());
    done(guard().claimOnce(message));
    assertThat(remaining(message.key())).isBetween(WINDOW.minusSeconds(5), WINDOW);
  }

  @Test
  void claimOnce_afterTheWindow_isFreshAgain() {
    Duration window = Duration.ofMillis(200);
    ReplayMessage message = message(freshKey(), window);
    done(guard().claimOnce(message));
    awaitExpiry(message.key(), window);
    assertThat(done(guard().claimOnce(message))).isEqualTo(OnceResult.FRESH);
  }

  @Test
  void P05_concurrentNonces_exactlyOneIsFresh() throws Exception {
    ReplayMessage message = message(freshKey());
    List<OnceResult> results = concurrently(200, () -> done(guard().claimOnce(message)));
    assertThat(results).filteredOn(OnceResult.FRESH::equals).hasSize(1);
    assertThat(results).filteredOn(OnceResult.SEEN::equals).hasSize(199);
  }

  @Test
  void P05_concurrentClaims_exactlyOneOwns() throws Exception {
    ReplayMessage message = message(freshKey());
    List<ClaimResult> results = concurrently(200, () -> done(guard().claim(message)));
    // Under load a store may be too late for some: they are refused as well.
    assertThat(results).filteredOn(Claimed.class::isInstance).hasSizeLessThanOrEqualTo(1);
    assertThat(results)
        .filteredOn(Denied.class::isInstance)
        .isSubsetOf(Denied.IN_FLIGHT, Denied.UNAVAILABLE);
    assertThat(done(guard().claim(message))).isEqualTo(Denied.IN_FLIGHT);
  }

  @Test
  void claim_untilSettled_isInFlight() {
    ReplayMessage message = message(freshKey());
    claimed(message);
    assertThat(done(guard().claim(message))).isEqualTo(Denied.IN_FLIGHT);
    assertThat(remaining(message.key()))
        .isBetween(ReplayLadder.CLAIM_TTL.minusSeconds(5), ReplayLadder.CLAIM_TTL);
  }

  @Test
  void P05_claimCommitted_isRememberedForTheWindow() {
    ReplayMessage message = message(freshKey());
    assertThat(done(guard().commit(claimed(message)))).isTrue();
    assertThat(done(guard().claim(message))).isEqualTo(Denied.COMMITTED);
    assertThat(remaining(message.key())).isBetween(WINDOW.minusSeconds(5), WINDOW);
  }

  @Test
  void claimReleased_canBeClaimedAgain() {
    ReplayMessage message = message(freshKey());
    assertThat(done(guard().release(claimed(message)))).isTrue();
    Claim second = claimed(message);
    assertThat(done(guard().commit(second))).isTrue();
  }

  @Test
  void release_justInsideTheOwnersDeadline_deletes() {
    Claim claim = claimed(message(freshKey()));
    clock.advance(ReplayLadder.OWNER_DEADLINE.minusNanos(1));
    assertThat(done(guard().release(claim))).isTrue();
  }

  @Test
  void release_atTheOwnersDeadline_deletesNothing() {
    ReplayMessage message = message(freshKey());
    Claim claim = claimed(message);
    clock.advance(ReplayLadder.OWNER_DEADLINE);
    assertThat(done(guard().release(claim))).isFalse();
    assertThat(done(guard().claim(message))).isEqualTo(Denied.IN_FLIGHT);
  }

  @Test
  void commit_afterTheOwnersDeadline_isStillWritten() {
    ReplayMessage message = message(freshKey());
    Claim claim = claimed(message);
    clock.advance(ReplayLadder.OWNER_DEADLINE);
    assertThat(done(guard().commit(claim))).isTrue();
    assertThat(done(guard().claim(message))).isEqualTo(Denied.COMMITTED);
  }

  @Test
  void P07_timestampWithinMarginOfTheLoss_isRefused() {
    clock.advance(Duration.ofSeconds(100));
    loseMemory();
    Instant lostAt = clock.instant();
    clock.advance(Duration.ofSeconds(60));
    for (long second : List.of(-300L, 0L, 5L)) {
      ReplayMessage old = at(lostAt.plusSeconds(second));
      assertThat(done(guard().claimOnce(old))).isEqualTo(OnceResult.UNAVAILABLE);
      assertThat(done(guard().claim(old))).isEqualTo(Denied.UNAVAILABLE);
    }
    assertThat(done(guard().claimOnce(at(lostAt.plusSeconds(6))))).isEqualTo(OnceResult.FRESH);
    assertThat(observer.lost.get()).isEqualTo(2);
  }

  private ReplayMessage at(Instant timestamp) {
    return new ReplayMessage(freshKey(), Optional.of(timestamp), WINDOW, OnStoreLoss.ACCEPT);
  }

  @Test
  void P07_noTimestampAfterLoss_followsTheEndpoint() {
    clock.advance(Duration.ofSeconds(100));
    loseMemory();
    clock.advance(WINDOW.minusSeconds(1));
    assertThat(done(guard().claim(timeless(freshKey(), OnStoreLoss.REFUSE))))
        .isEqualTo(Denied.UNAVAILABLE);
    assertThat(observer.acceptedAfterLoss.get()).isZero();
    claimed(timeless(freshKey(), OnStoreLoss.ACCEPT));
    assertThat(observer.acceptedAfterLoss.get()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(1));
    claimed(timeless(freshKey(), OnStoreLoss.REFUSE));
    assertThat(observer.acceptedAfterLoss.get()).isEqualTo(1);
  }

  @Test
  void P07_nonceWithoutTimestampAcceptedAfterLoss_isCounted() {
    ReplayMessage message = timeless(freshKey(), OnStoreLoss.ACCEPT);
    assertThat(done(guard().claimOnce(message))).isEqualTo(OnceResult.FRESH);
    assertThat(done(guard().claimOnce(message))).isEqualTo(OnceResult.SEEN);
    assertThat(observer.acceptedAfterLoss.get()).isEqualTo(1);
  }

  @Test
  void firstStart_countsAsLoss() {
    ReplayMessage old = message(freshKey());
    ReplayMessage before =
        new ReplayMessage(
            old.key(), Optional.of(clock.instant().minusSeconds(3600)), WINDOW, OnStoreLoss.REFUSE);
    assertThat(done(guard().claimOnce(before))).isEqualTo(OnceResult.UNAVAILABLE);
  }

  @Test
  void release_afterTheStoreForgot_leavesTheNextOwnersClaim() {
    ReplayKey key = freshKey();
    Claim claim = claimed(message(key));
    clock.advance(Duration.ofSeconds(7));
    loseMemory();
    clock.advance(Duration.ofSeconds(7));
    claimed(message(key));
    assertThat(done(guard().release(claim))).isFalse();
    assertThat(done(guard().claim(message(key)))).isEqualTo(Denied.IN_FLIGHT);
  }

  private static <T> List<T> concurrently(int count, java.util.concurrent.Callable<T> task)
      throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<T>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        futures.add(
            threads.submit(() -> {
              start.await();
              return task.call();
            }));
      }
      start.countDown();
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }
}
