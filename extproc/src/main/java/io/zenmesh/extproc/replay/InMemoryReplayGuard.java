package io.zenmesh.extproc.replay;

import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.extproc.replay.StoreMemory.Ruling;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A guard for a single process without a store. Forgets everything when the process ends, and obeys
 * the same rule after it as a store that was emptied.
 *
 * <p>Holds at most {@value #MAX_ENTRIES} messages and then answers unavailable: it never evicts.
 */
public final class InMemoryReplayGuard implements ReplayGuard {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int SWEEP_EVERY = 4_096;
  private static final String COMMITTED = "";

  private final ConcurrentHashMap<ReplayKey, Entry> entries = new ConcurrentHashMap<>();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong owners = new AtomicLong();
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final ReplayObserver observer;
  private volatile StoreMemory memory;

  private record Entry(String owner, Instant expires) {}

  /** A guard that forgot everything just now. */
  public InMemoryReplayGuard(InstantSource clock, LongSupplier nanoTime, ReplayObserver observer) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.observer = observer;
    this.memory = lostNow();
  }

  @Override
  public CompletionStage<OnceResult> claimOnce(ReplayMessage message) {
    Ruling ruling = rule(message);
    if (ruling == Ruling.REFUSE) {
      return CompletableFuture.completedStage(OnceResult.UNAVAILABLE);
    }
    if (putIfAbsent(message.key(), COMMITTED, message.window()).isPresent()) {
      return CompletableFuture.completedStage(OnceResult.SEEN);
    }
    accepted(ruling);
    return CompletableFuture.completedStage(OnceResult.FRESH);
  }

  @Override
  public CompletionStage<ClaimResult> claim(ReplayMessage message) {
    Claim claim =
        new Claim(
            message.key(),
            Long.toString(owners.incrementAndGet()),
            message.window(),
            nanoTime.getAsLong(),
            memory);
    Ruling ruling = rule(message);
    if (ruling == Ruling.REFUSE) {
      return CompletableFuture.completedStage(Denied.UNAVAILABLE);
    }
    Optional<Entry> held = putIfAbsent(message.key(), claim.owner(), ReplayLadder.CLAIM_TTL);
    if (held.isEmpty()) {
      accepted(ruling);
      return CompletableFuture.completedStage(new Claimed(claim));
    }
    boolean committed = held.get().owner().equals(COMMITTED);
    return CompletableFuture.completedStage(committed ? Denied.COMMITTED : Denied.IN_FLIGHT);
  }

  @Override
  public CompletionStage<Boolean> commit(Claim claim) {
    entries.put(claim.key(), new Entry(COMMITTED, clock.instant().plus(claim.window())));
    return CompletableFuture.completedStage(true);
  }

  @Override
  public CompletionStage<Boolean> release(Claim claim) {
    boolean releasable = claim.releasable(nanoTime.getAsLong(), memory);
    if (releasable) {
      entries.remove(claim.key());
    }
    return CompletableFuture.completedStage(releasable);
  }

  @Override
  public StoreHealth health() {
    return new StoreHealth.Fit(memory);
  }

  @Override
  public void close() {
    entries.clear();
  }

  /** What a restart of the process does. */
  void forget() {
    entries.clear();
    memory = lostNow();
  }

  /** How long a message will be remembered; zero when it is not. */
  Duration remaining(ReplayKey key) {
    Entry entry = entries.get(key);
    return entry == null ? Duration.ZERO : Duration.between(clock.instant(), entry.expires());
  }

  private StoreMemory lostNow() {
    StoreMemory lost = new StoreMemory(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    observer.lost(lost.lostAt());
    return lost;
  }

  private Ruling rule(ReplayMessage message) {
    if (operations.incrementAndGet() % SWEEP_EVERY == 0) {
      Instant now = clock.instant();
      entries.values().removeIf(entry -> !entry.expires().isAfter(now));
    }
    return entries.size() < MAX_ENTRIES ? memory.rule(message, clock.instant()) : Ruling.REFUSE;
  }

  private void accepted(Ruling ruling) {
    if (ruling == Ruling.ASK_AND_ALARM) {
      observer.acceptedAfterLoss();
    }
  }

  /** Puts an entry unless a live one is there, which is then returned. */
  private Optional<Entry> putIfAbsent(ReplayKey key, String owner, Duration ttl) {
    Instant now = clock.instant();
    Entry mine = new Entry(owner, now.plus(ttl));
    Entry winner =
        entries.compute(
            key, (k, held) -> held == null || !held.expires().isAfter(now) ? mine : held);
    return winner == mine ? Optional.empty() : Optional.of(winner);
  }
}
