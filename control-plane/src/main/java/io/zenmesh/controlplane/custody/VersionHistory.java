package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.custody.VersionState.Destroyed;
import io.zenmesh.controlplane.custody.VersionState.Live;
import io.zenmesh.controlplane.custody.VersionState.Retired;
import io.zenmesh.controlplane.custody.VersionState.Revoked;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every version there ever was of one secret, and what may be done next. A pure state machine:
 * {@link #step} is total, and what it refuses changes nothing. Immutable.
 *
 * @param versions by number; a number is never used twice
 */
public record VersionHistory(SortedMap<Long, VersionState> versions) {
  /** How many versions of one secret may count at the same time. */
  public static final int MAX_LIVE = 4;

  /** The longest time for which an old version counts beside its successor. */
  public static final Duration MAX_OVERLAP = Duration.ofDays(30);

  /** Copies the map. */
  public VersionHistory {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
  }

  /** Of a secret that has no version yet. */
  public static VersionHistory empty() {
    return new VersionHistory(new TreeMap<>());
  }

  /** What can be asked of a secret. */
  public sealed interface Verb {
    /** A new version counts from now on and every other one ends. */
    record Put(long version) implements Verb {}

    /** A new version counts from now on; those before it count until the overlap is over. */
    record Rotate(long version, Duration overlap) implements Verb {}

    /** A new version counts from now on, beside all the others. */
    record Add(long version) implements Verb {}

    /**
     * A version comes back from a backup, under a new number and with the window it had; nothing
     * else ends.
     *
     * @param state live or retired
     */
    record Restore(long version, VersionState state) implements Verb {}

    /** A version ends in good order; another one has to be there. */
    record Retire(long version) implements Verb {}

    /** A version ends because somebody else may know it, even the last one. */
    record Revoke(long version) implements Verb {}

    /** A version that has ended is erased. */
    record Destroy(long version) implements Verb {}
  }

  /** What becomes of it. */
  public sealed interface Step {
    /** The history from now on. */
    record Done(VersionHistory next) implements Step {}

    /** Nothing changes. */
    record Refused(Refusal why) implements Step {}
  }

  /** Why something cannot be done. */
  public enum Refusal {
    /** There is no such version. */
    UNKNOWN_VERSION,
    /** Nothing counts that could overlap; a value has to be put. */
    NOTHING_TO_ROTATE,
    /** As many count as may; one has to end first. */
    TOO_MANY_LIVE,
    /** It is the only one that counts; it can be revoked, or rotated first. */
    LAST_LIVE_VERSION,
    /** It has ended already. */
    ALREADY_ENDED,
    /** It still counts; it has to end first. */
    STILL_LIVE,
    /** It is erased already. */
    ALREADY_DESTROYED;

    /** Stable, in snake case. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Decides.
   *
   * @param now the instant from which the result holds
   * @throws IllegalArgumentException when a new version's number is not above all others, the
   *     overlap is out of its bounds, or what is restored was neither live nor retired
   */
  public Step step(Verb verb, Instant now) {
    return switch (verb) {
      case Verb.Put(long version) -> new Step.Done(added(version, Duration.ZERO, now));
      case Verb.Rotate(long version, Duration overlap) ->
          anyCounts(now)
              ? new Step.Done(added(version, overlap, now))
              : new Step.Refused(Refusal.NOTHING_TO_ROTATE);
      case Verb.Add(long version) -> beside(version, new Live(now, Optional.empty()), now);
      case Verb.Restore(long version, VersionState state) -> restored(version, state, now);
      case Verb.Retire(long version) -> retire(version, now);
      case Verb.Revoke(long version) -> revoke(version, now);
      case Verb.Destroy(long version) -> destroy(version, now);
    };
  }

  private Step retire(long version, Instant now) {
    VersionState state = versions.get(version);
    return switch (state) {
      case null -> new Step.Refused(Refusal.UNKNOWN_VERSION);
      case Live live when live.countsAt(now) && without(version).noneCounts(now) ->
          new Step.Refused(Refusal.LAST_LIVE_VERSION);
      case Live live -> new Step.Done(with(version, new Retired(now)));
      case Retired retired -> new Step.Refused(Refusal.ALREADY_ENDED);
      case Revoked revoked -> new Step.Refused(Refusal.ALREADY_ENDED);
      case Destroyed destroyed -> new Step.Refused(Refusal.ALREADY_DESTROYED);
    };
  }

  private Step revoke(long version, Instant now) {
    VersionState state = versions.get(version);
    return switch (state) {
      case null -> new Step.Refused(Refusal.UNKNOWN_VERSION);
      case Live live -> new Step.Done(with(version, new Revoked(now)));
      case Retired retired -> new Step.Done(with(version, new Revoked(now)));
      case Revoked revoked -> new Step.Refused(Refusal.ALREADY_ENDED);
      case Destroyed destroyed -> new Step.Refused(Refusal.ALREADY_DESTROYED);
    };
  }

  private Step destroy(long version, Instant now) {
    VersionState state = versions.get(version);
    return switch (state) {
      case null -> new Step.Refused(Refusal.UNKNOWN_VERSION);
      case Live live when live.mayCount(now) -> new Step.Refused(Refusal.STILL_LIVE);
      case Live live -> new Step.Done(with(version, new Destroyed(now)));
      case Retired retired -> new Step.Done(with(version, new Destroyed(now)));
      case Revoked revoked -> new Step.Done(with(version, new Destroyed(now)));
      case Destroyed destroyed -> new Step.Refused(Refusal.ALREADY_DESTROYED);
    };
  }

  private Step restored(long version, VersionState state, Instant now) {
    return switch (state) {
      case Live live -> beside(version, live, now);
      case Retired retired -> {
        mustBeNew(version);
        yield new Step.Done(with(version, retired));
      }
      case Revoked revoked -> throw notRestored(revoked);
      case Destroyed destroyed -> throw notRestored(destroyed);
    };
  }

  private static IllegalArgumentException notRestored(VersionState state) {
    return new IllegalArgumentException("state: " + state.word() + " (expected: live or retired)");
  }

  private Step beside(long version, Live fresh, Instant now) {
    mustBeNew(version);
    long counting = versions.values().stream().filter(it -> it.mayCount(now)).count();
    return fresh.mayCount(now) && counting >= MAX_LIVE
        ? new Step.Refused(Refusal.TOO_MANY_LIVE)
        : new Step.Done(with(version, fresh));
  }

  private void mustBeNew(long version) {
    if (!versions.isEmpty() && version <= versions.lastKey()) {
      throw new IllegalArgumentException(
          "version: " + version + " (expected: above " + versions.lastKey() + ")");
    }
  }

  private VersionHistory added(long version, Duration overlap, Instant now) {
    mustBeNew(version);
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      throw new IllegalArgumentException("overlap: " + overlap + " (expected: 0 to 30 days)");
    }
    TreeMap<Long, VersionState> next = new TreeMap<>();
    versions.forEach((number, state) -> next.put(number, ended(state, overlap, now)));
    next.put(version, new Live(now, Optional.empty()));
    long counting = next.values().stream().filter(it -> it.mayCount(now)).count();
    for (Long number : versions.keySet()) {
      if (counting > MAX_LIVE && next.get(number) instanceof Live live && live.mayCount(now)) {
        next.put(number, new Retired(now)); // the oldest gives way: a rotation never has to wait
        counting--;
      }
    }
    return new VersionHistory(next);
  }

  private static VersionState ended(VersionState state, Duration overlap, Instant now) {
    if (!(state instanceof Live live) || !live.mayCount(now)) {
      return state;
    }
    if (overlap.isZero()) {
      return new Retired(now);
    }
    Instant end = now.plus(overlap);
    Instant sooner = live.notAfter().filter(it -> it.isBefore(end)).orElse(end);
    return new Live(live.notBefore(), Optional.of(sooner));
  }

  /** The newest version's number, whatever became of it. */
  public Optional<Long> newest() {
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.lastKey());
  }

  private boolean anyCounts(Instant now) {
    return versions.values().stream().anyMatch(it -> it.countsAt(now));
  }

  private boolean noneCounts(Instant now) {
    return !anyCounts(now);
  }

  private VersionHistory without(long version) {
    TreeMap<Long, VersionState> rest = new TreeMap<>(versions);
    rest.remove(version);
    return new VersionHistory(rest);
  }

  private VersionHistory with(long version, VersionState state) {
    TreeMap<Long, VersionState> next = new TreeMap<>(versions);
    next.put(version, state);
    return new VersionHistory(next);
  }
}
