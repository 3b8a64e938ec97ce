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
  private final ReplayObserver observer;

  SharedMemory(ReplayObserver observer) {
    this.observer = observer;
  }

  Optional<StoreMemory> current() {
    return known.get();
  }

  /**
   * The store now says that its memory was found lost at that time, by whomever.
   *
   * @param lossFound whether it was this process that found it so
   */
  void adopt(Instant detectedAt, boolean lossFound) {
    boolean first = known.get().isEmpty();
    if (raise(detectedAt) && (lossFound || !first)) {
      log.warn("replay store lost its memory, detected at {}", detectedAt);
      observer.lost(detectedAt);
    }
  }

  private boolean raise(Instant detectedAt) {
    StoreMemory candidate = new StoreMemory(detectedAt);
    Optional<StoreMemory> before =
        known.getAndUpdate(held ->
            held.isPresent() && !held.get().lostAt().isBefore(detectedAt)
                ? held
                : Optional.of(candidate));
    return before.isEmpty() || before.get().lostAt().isBefore(detectedAt);
  }
}
