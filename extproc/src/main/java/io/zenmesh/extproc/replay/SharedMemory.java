package io.zenmesh.extproc.replay;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of one guard know of the store's memory. Only ever moves forward. */
final class SharedMemory {
  private static final Logger log = LoggerFactory.getLogger(SharedMemory.class);

  private final AtomicReference<Optional<StoreMemory>> known =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<EpochSentinel>> lastSeen =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Instant> reported = new AtomicReference<>(Instant.MIN);
  private final ReplayObserver observer;

  SharedMemory(ReplayObserver observer) {
    this.observer = observer;
  }

  Optional<StoreMemory> current() {
    return known.get();
  }

  /**
   * The sentinel was read as another wrote it. One that this process has not seen before means a
   * loss that it did not notice itself, found by someone whose clock may be slow: the later of the
   * two times counts. Only a process that knew none takes the time as it stands.
   */
  void read(EpochSentinel sentinel, Instant now) {
    Optional<EpochSentinel> before = lastSeen.getAndSet(Optional.of(sentinel));
    if (before.isEmpty()) {
      raise(sentinel.lostAt());
    } else if (!before.get().equals(sentinel)) {
      lost(later(now, sentinel.lostAt()));
    }
  }

  /** This process found the loss; the sentinel says who else did, perhaps by another clock. */
  void found(EpochSentinel sentinel, Instant now) {
    lastSeen.set(Optional.of(sentinel));
    lost(later(now, sentinel.lostAt()));
  }

  private void lost(Instant detectedAt) {
    raise(detectedAt);
    // Another connection may have raised it silently, by reading what this one wrote.
    if (reported.getAndAccumulate(detectedAt, SharedMemory::later).isBefore(detectedAt)) {
      log.warn("replay store lost its memory, detected at {}", detectedAt);
      observer.lost(detectedAt);
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a.isBefore(b) ? b : a;
  }

  private void raise(Instant detectedAt) {
    StoreMemory candidate = new StoreMemory(detectedAt);
    known.updateAndGet(held ->
        held.isPresent() && !held.get().lostAt().isBefore(detectedAt)
            ? held
            : Optional.of(candidate));
  }
}
