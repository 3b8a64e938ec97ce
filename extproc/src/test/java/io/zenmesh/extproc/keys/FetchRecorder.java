package io.zenmesh.extproc.keys;

import static io.zenmesh.extproc.fixture.Eventually.eventually;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps what became of each fetch. */
final class FetchRecorder implements FetchObserver {
  private final List<Optional<FetchProblem>> outcomes = new CopyOnWriteArrayList<>();
  private final AtomicInteger crowdedOut = new AtomicInteger();

  @Override
  public void fetched(Kind kind, Optional<FetchProblem> problem) {
    outcomes.add(problem);
  }

  @Override
  public void crowdedOut(Kind kind) {
    crowdedOut.incrementAndGet();
  }

  int crowdedOut() {
    return crowdedOut.get();
  }

  int count() {
    return outcomes.size();
  }

  /** The outcome of the {@code nth} fetch, which is waited for; empty for a good one. */
  Optional<FetchProblem> outcome(int nth) {
    return eventually("fetch " + nth, () -> List.copyOf(outcomes), all -> all.size() >= nth)
        .get(nth - 1);
  }
}
