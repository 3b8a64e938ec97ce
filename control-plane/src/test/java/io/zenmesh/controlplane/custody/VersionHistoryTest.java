package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.VersionHistory.Refusal;
import io.zenmesh.controlplane.custody.VersionHistory.Step;
import io.zenmesh.controlplane.custody.VersionHistory.Verb;
import io.zenmesh.controlplane.custody.VersionState.Destroyed;
import io.zenmesh.controlplane.custody.VersionState.Live;
import io.zenmesh.controlplane.custody.VersionState.Retired;
import io.zenmesh.controlplane.custody.VersionState.Revoked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionHistoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  private static VersionHistory of(Map<Long, VersionState> versions) {
    return new VersionHistory(new TreeMap<>(versions));
  }

  private static VersionHistory done(VersionHistory history, Verb verb, Instant now) {
    return switch (history.step(verb, now)) {
      case Step.Done(VersionHistory next) -> next;
      case Step.Refused(Refusal why) -> throw new AssertionError("refused: " + why);
    };
  }

  private static VersionState state(VersionHistory history, long version) {
    return Objects.requireNonNull(history.versions().get(version));
  }

  private static VersionState state(String word) {
    return switch (word) {
      case "live" -> new Live(NOW, Optional.empty());
      case "over" -> new Live(NOW.minus(HOUR), Optional.of(NOW.minusSeconds(1)));
      case "retired" -> new Retired(NOW);
      case "revoked" -> new Revoked(NOW);
      default -> new Destroyed(NOW);
    };
  }

  /** Every state against every verb that names a version, another version being live. */
  @ParameterizedTest
  @CsvSource({
    "live,retire,retired",
    "live,revoke,revoked",
    "live,destroy,STILL_LIVE",
    "over,retire,retired",
    "over,revoke,revoked",
    "over,destroy,destroyed",
    "retired,retire,ALREADY_ENDED",
    "retired,revoke,revoked",
    "retired,destroy,destroyed",
    "revoked,retire,ALREADY_ENDED",
    "revoked,revoke,ALREADY_ENDED",
    "revoked,destroy,destroyed",
    "destroyed,retire,ALREADY_DESTROYED",
    "destroyed,revoke,ALREADY_DESTROYED",
    "destroyed,destroy,ALREADY_DESTROYED"
  })
  void everyStateAndVerb_hasOneAnswer(String from, String verb, String expected) {
    VersionHistory history = of(Map.of(1L, state(from), 2L, state("live")));
    Verb asked =
        switch (verb) {
          case "retire" -> new Verb.Retire(1);
          case "revoke" -> new Verb.Revoke(1);
          default -> new Verb.Destroy(1);
        };
    String found =
        switch (history.step(asked, NOW)) {
          case Step.Done(VersionHistory next) -> {
            assertThat(next.versions().get(2L)).isEqualTo(state("live"));
            yield state(next, 1).word();
          }
          case Step.Refused(Refusal why) -> why.name();
        };
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void K09_revokedOrDestroyedVersion_isNeverRestored() {
    for (VersionState ended : List.of(new Revoked(NOW), new Destroyed(NOW))) {
      assertThatThrownBy(() -> VersionHistory.empty().step(new Verb.Restore(1, ended), NOW))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(expected: live or retired)");
    }
  }

  @Test
  void unknownVersion_isRefused() {
    VersionHistory history = of(Map.of(1L, state("live")));
    for (Verb verb : new Verb[] {new Verb.Retire(9), new Verb.Revoke(9), new Verb.Destroy(9)}) {
      assertThat(history.step(verb, NOW)).isEqualTo(new Step.Refused(Refusal.UNKNOWN_VERSION));
    }
  }

  @Test
  void rotation_letsBothCount_upToTheLastInstantOfTheOverlap() {
    VersionHistory first = done(VersionHistory.empty(), new Verb.Put(1), NOW);
    Instant later = NOW.plus(HOUR);
    VersionHistory rotated = done(first, new Verb.Rotate(2, HOUR), later);
    Instant end = later.plus(HOUR);
    assertThat(state(rotated, 1).countsAt(end)).isTrue();
    assertThat(state(rotated, 1).countsAt(end.plusNanos(1))).isFalse();
    assertThat(state(rotated, 2).countsAt(later.minusNanos(1))).isFalse();
    assertThat(state(rotated, 2).countsAt(later)).isTrue();
    assertThat(state(rotated, 2).countsAt(end.plus(Duration.ofDays(9999)))).isTrue();
  }

  @Test
  void secondRotation_neverLengthensAnOverlap() {
    VersionHistory history = done(VersionHistory.empty(), new Verb.Put(1), NOW);
    history = done(history, new Verb.Rotate(2, HOUR), NOW);
    history = done(history, new Verb.Rotate(3, Duration.ofDays(30)), NOW);
    assertThat(history.versions().get(1L)).isEqualTo(new Live(NOW, Optional.of(NOW.plus(HOUR))));
  }

  @Test
  void addedVersion_countsBesideTheOthers_asLongAsThereIsRoom() {
    VersionHistory history = VersionHistory.empty();
    for (long version = 1; version <= VersionHistory.MAX_LIVE; version++) {
      history = done(history, new Verb.Add(version), NOW);
    }
    assertThat(history.versions().values().stream().filter(it -> it.countsAt(NOW))).hasSize(4);
    assertThat(history.step(new Verb.Add(5), NOW))
        .isEqualTo(new Step.Refused(Refusal.TOO_MANY_LIVE));
    assertThat(done(done(history, new Verb.Retire(2), NOW), new Verb.Add(5), NOW).versions())
        .containsEntry(5L, new Live(NOW, Optional.empty()));
  }

  @Test
  void put_endsEveryOther() {
    VersionHistory history = done(VersionHistory.empty(), new Verb.Put(1), NOW);
    history = done(history, new Verb.Rotate(2, HOUR), NOW);
    history = done(history, new Verb.Put(5), NOW);
    assertThat(history.versions())
        .containsEntry(1L, new Retired(NOW))
        .containsEntry(2L, new Retired(NOW))
        .containsEntry(5L, new Live(NOW, Optional.empty()));
  }

  @Test
  void lastLiveVersion_isRevokedButNeverRetired() {
    VersionHistory history = of(Map.of(1L, state("over"), 2L, state("live")));
    assertThat(history.step(new Verb.Retire(2), NOW))
        .isEqualTo(new Step.Refused(Refusal.LAST_LIVE_VERSION));
    VersionHistory revoked = done(history, new Verb.Revoke(2), NOW);
    assertThat(revoked.step(new Verb.Rotate(3, HOUR), NOW))
        .isEqualTo(new Step.Refused(Refusal.NOTHING_TO_ROTATE));
    assertThat(done(revoked, new Verb.Put(3), NOW).versions()).containsKey(3L);
  }

  @Test
  void rotationTooMany_endsTheOldest() {
    VersionHistory history = done(VersionHistory.empty(), new Verb.Put(1), NOW);
    for (long version = 2; version <= VersionHistory.MAX_LIVE + 1; version++) {
      history = done(history, new Verb.Rotate(version, HOUR), NOW);
    }
    assertThat(history.versions().get(1L)).isEqualTo(new Retired(NOW));
    assertThat(history.versions().values().stream().filter(it -> it.countsAt(NOW)))
        .hasSize(VersionHistory.MAX_LIVE);
  }

  @Test
  void numberUsedAgain_orOverlapOutOfBounds_isABug() {
    VersionHistory history = done(VersionHistory.empty(), new Verb.Put(4), NOW);
    assertThatThrownBy(() -> history.step(new Verb.Put(4), NOW))
        .hasMessage("version: 4 (expected: above 4)");
    for (Duration overlap : new Duration[] {Duration.ofSeconds(-1), Duration.ofDays(31)}) {
      assertThatThrownBy(() -> history.step(new Verb.Rotate(5, overlap), NOW))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Whatever is asked in whatever order: what ended stays ended, and few count at once. */
  @Test
  void anyWalk_endsNothingTwice_andKeepsTheLimit() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      VersionHistory history = VersionHistory.empty();
      Instant now = NOW;
      long next = 1;
      for (int i = 0; i < 100; i++) {
        now = now.plusSeconds(random.nextInt(3_000));
        long any = 1 + random.nextInt((int) next);
        Verb verb =
            switch (random.nextInt(6)) {
              case 4 -> new Verb.Add(next++);
              case 0 -> new Verb.Put(next++);
              case 1 -> new Verb.Rotate(next++, Duration.ofSeconds(random.nextInt(7_200)));
              case 2 -> new Verb.Retire(any);
              case 3 -> new Verb.Revoke(any);
              default -> new Verb.Destroy(any);
            };
        VersionHistory before = history;
        Instant at = now;
        if (history.step(verb, now) instanceof Step.Done(VersionHistory after)) {
          history = after;
        }
        VersionHistory after = history;
        before
            .versions()
            .forEach((version, state) -> {
              VersionState then = state(after, version);
              if (!state.mayCount(at)) {
                assertThat(then.mayCount(at)).as("version %d", version).isFalse();
              }
              if (state instanceof Destroyed) {
                assertThat(then).isEqualTo(state);
              }
            });
        assertThat(after.versions().values().stream().filter(it -> it.mayCount(at)).count())
            .as("seed %d", seed)
            .isLessThanOrEqualTo(VersionHistory.MAX_LIVE);
      }
    }
  }
}
