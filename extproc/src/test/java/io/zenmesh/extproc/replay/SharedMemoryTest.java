package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whose time of a loss counts, when the clocks of its finders differ. */
class SharedMemoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final EpochSentinel OLD = sentinel(NOW.minusSeconds(7_200));

  private final AtomicInteger lost = new AtomicInteger();
  private final SharedMemory memory =
      new SharedMemory(
          new ReplayObserver() {
            @Override
            public void lost(Instant detectedAt) {
              lost.incrementAndGet();
            }
          });

  private static EpochSentinel sentinel(Instant lostAt) {
    return new EpochSentinel("0".repeat(40), lostAt);
  }

  private void assertLostAt(Instant expected, int losses) {
    assertThat(memory.current()).contains(new StoreMemory(expected));
    assertThat(lost).hasValue(losses);
  }

  @Test
  void firstSentinelOfAProcess_isTakenAsItStands() {
    memory.read(OLD, NOW);
    memory.read(OLD, NOW.plusSeconds(1));
    assertLostAt(OLD.lostAt(), 0);
  }

  @Test
  void P07_finder_countsFromItsOwnClockThoughASlowerOneWasFirst() {
    memory.found(sentinel(NOW.minusSeconds(3_600)), NOW);
    assertLostAt(NOW, 1);
  }

  @Test
  void lossReadBeforeItsFinderReports_isReportedOnce() {
    EpochSentinel fresh = sentinel(NOW);
    memory.read(fresh, NOW);
    memory.found(fresh, NOW);
    memory.found(fresh, NOW);
    assertLostAt(NOW, 1);
  }

  @Test
  void P07_finder_takesALaterTimeOfAnother() {
    memory.found(sentinel(NOW.plusSeconds(3)), NOW);
    assertLostAt(NOW.plusSeconds(3), 1);
  }

  @Test
  void P07_sentinelChangedByASlowClock_isALossOfNow() {
    memory.read(OLD, NOW.minusSeconds(60));
    memory.read(sentinel(NOW.minusSeconds(3_600)), NOW);
    assertLostAt(NOW, 1);
    memory.read(sentinel(NOW.minusSeconds(3_600)), NOW.plusSeconds(1));
    assertLostAt(NOW, 1);
  }
}
