package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the key that wraps data keys, while everything goes on.
 *
 * <p>A new key becomes the current one; data keys are wrapped anew outside of transactions and put
 * in place in small ones; a key that nothing is under any more is marked destroyed in the database,
 * which refuses while anything is, and only then destroyed. There is no journal: what is left to do
 * is read from the keyring and the database, so that the work goes on after a crash at any point.
 * Thread-safe.
 */
public final class KekRotation {
  private static final Logger LOG = LoggerFactory.getLogger(KekRotation.class);

  /** How often everything is gone through again for what was put meanwhile. */
  private static final int ROUNDS = 5;

  private static final int BATCH = 20;

  private final Keyring keyring;
  private final KekStore store;
  private final Envelope envelope;
  private final AuditTrail trail;
  private final int batch;

  public KekRotation(Keyring keyring, KekStore store, Envelope envelope, AuditTrail trail) {
    this(keyring, store, envelope, trail, BATCH);
  }

  /**
   * @param batch how many data keys are wrapped anew, one by one, before they are stored together
   */
  public KekRotation(
      Keyring keyring, KekStore store, Envelope envelope, AuditTrail trail, int batch) {
    this.batch = batch;
    this.keyring = keyring;
    this.store = store;
    this.envelope = envelope;
    this.trail = trail;
  }

  /**
   * One key as operators see it.
   *
   * @param id which one
   * @param current whether new data keys are wrapped under it
   * @param present whether it can be used here
   * @param live whether the database lets anything be wrapped under it
   * @param wraps how often it was used, at most; {@link WrapLedger#LIMIT} is the end
   * @param versions how many secret versions are under it
   */
  public record Kek(
      String id, boolean current, boolean present, boolean live, long wraps, long versions) {}

  /**
   * What was done.
   *
   * @param current the current key's id
   * @param rewrapped how many data keys were wrapped anew
   * @param destroyed the keys that are gone
   * @param broken what does not open, and so stays under its key
   */
  public record Progress(
      String current, long rewrapped, List<String> destroyed, List<String> broken) {
    /** Copies the lists. */
    public Progress {
      destroyed = List.copyOf(destroyed);
      broken = List.copyOf(broken);
    }
  }

  /** Every key, of the keyring and of the database, by id. */
  public List<Kek> status() {
    Map<String, KekStore.Use> uses = new TreeMap<>();
    store.uses().forEach(it -> uses.put(it.id(), it));
    Set<String> present = new HashSet<>(keyring.kekIds());
    present.forEach(id -> uses.putIfAbsent(id, new KekStore.Use(id, true, 0, 0)));
    String current = keyring.kekId();
    return uses.values().stream()
        .map(it ->
            new Kek(
                it.id(),
                it.id().equals(current),
                present.contains(it.id()),
                it.live(),
                it.wraps(),
                it.versions()))
        .toList();
  }

  /**
   * Makes a new key the current one and brings everything under it. On record before it is tried,
   * and again with what became of it.
   *
   * @throws CustodyException when the keyring makes no key, which is on record as failed;
   *     everything stays under the current one
   */
  public synchronized Progress rotate(Actor actor) {
    String old = "kek/" + keyring.kekId();
    record(AuditEvent.SYSTEM, actor, "kek.rotate", old, AuditEvent.Outcome.ALLOWED, "");
    try {
      keyring.addCurrent();
    } catch (CustodyException e) {
      failed(actor, old, e);
      throw e;
    }
    record(AuditEvent.SYSTEM, actor, "kek.rotate", old, AuditEvent.Outcome.DONE, "");
    return proceed(actor);
  }

  private void failed(Actor actor, String old, CustodyException failure) {
    try {
      record(
          AuditEvent.SYSTEM, actor, "kek.rotate", old, AuditEvent.Outcome.FAILED, "kek_not_added");
    } catch (RuntimeException e) {
      // Why there is no new key is what the caller needs to know; that it was tried is on record.
      failure.addSuppressed(e);
    }
  }

  /** Brings everything under the current key and destroys the others; goes on after a crash. */
  public synchronized Progress proceed(Actor actor) {
    String current = keyring.kekId();
    long rewrapped = 0;
    List<String> destroyed = new ArrayList<>();
    Set<String> broken = new TreeSet<>();
    // What was being put under a former key meanwhile comes to light when that is retired.
    for (int round = 0; round < ROUNDS; round++) {
      long more = rewrapAll(actor, current, broken);
      rewrapped += more;
      destroyed.addAll(destroyUnused(actor, current));
      if (store.behind(current).isEmpty() || more == 0) {
        break;
      }
    }
    return new Progress(current, rewrapped, destroyed, List.copyOf(broken));
  }

  private long rewrapAll(Actor actor, String current, Set<String> broken) {
    long rewrapped = 0;
    for (Name tenant : store.behind(current)) {
      long left = store.countBehind(tenant, current);
      if (left > 0) {
        // The data keys are opened, if not what is under them.
        record(
            tenant,
            actor,
            "secret.rewrap",
            "kek/" + current,
            AuditEvent.Outcome.DONE,
            Long.toString(left));
      }
      List<SealedVersion> behind = whole(tenant, current, broken);
      while (!behind.isEmpty()) {
        rewrapped += store.replace(tenant, rewrapped(actor, behind, broken));
        behind = whole(tenant, current, broken);
      }
    }
    return rewrapped;
  }

  /** The next ones, but for those that were found not to open. */
  private List<SealedVersion> whole(Name tenant, String current, Set<String> broken) {
    return store.someBehind(tenant, current, batch + broken.size()).stream()
        .filter(it -> !broken.contains(it.object()))
        .toList();
  }

  /**
   * Outside of every transaction: the engine may be far away and slow. What does not open is put on
   * record and left as it is: it must not keep everything else under a former key.
   */
  private List<KekStore.Rewrapped> rewrapped(
      Actor actor, List<SealedVersion> behind, Set<String> broken) {
    List<KekStore.Rewrapped> done = new ArrayList<>();
    for (SealedVersion each : behind) {
      try {
        done.add(
            new KekStore.Rewrapped(
                each, envelope.rewrap(each.ref(), each.version(), each.sealed())));
      } catch (SealBrokenException e) {
        LOG.error("{} does not open: left under its key ({})", each.object(), e.getMessage());
        broken.add(each.object());
        record(
            each.ref().tenant(),
            actor,
            "secret.rewrap",
            each.object(),
            AuditEvent.Outcome.FAILED,
            "seal_broken");
      }
    }
    return done;
  }

  /**
   * A key that this database never used may be what another one, or one that is not restored yet,
   * is wrapped under; and the engine may have made a newer one by itself.
   */
  private List<String> destroyUnused(Actor actor, String current) {
    Set<String> used = new HashSet<>();
    store.uses().forEach(it -> used.add(it.id()));
    List<String> destroyed = new ArrayList<>();
    for (String old : keyring.kekIds()) {
      boolean ended = !old.equals(current) && !old.equals(keyring.kekId()) && used.contains(old);
      if (ended && store.retire(old)) {
        record(AuditEvent.SYSTEM, actor, "kek.destroy", "kek/" + old, AuditEvent.Outcome.DONE, "");
        keyring.destroy(old);
        destroyed.add(old);
      }
    }
    return destroyed;
  }

  private void record(
      Name chain,
      Actor actor,
      String action,
      String object,
      AuditEvent.Outcome outcome,
      String reason) {
    trail.record(new AuditEvent(chain, actor, action, object, outcome, reason, ""));
  }
}
