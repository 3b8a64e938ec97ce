package io.zenmesh.extproc.replay;

import java.time.Duration;

class InMemoryReplayGuardTest extends ReplayGuardContract {
  private final InMemoryReplayGuard guard =
      new InMemoryReplayGuard(clock, clock::nanoTime, observer);

  InMemoryReplayGuardTest() {
    clock.advance(Duration.ofSeconds(10));
  }

  @Override
  ReplayGuard guard() {
    return guard;
  }

  @Override
  void loseMemory() {
    guard.forget();
  }

  @Override
  Duration remaining(ReplayKey key) {
    return guard.remaining(key);
  }

  @Override
  void awaitExpiry(ReplayKey key, Duration window) {
    clock.advance(window);
  }
}
