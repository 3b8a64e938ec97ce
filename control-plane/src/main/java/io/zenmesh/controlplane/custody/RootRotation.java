package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.VersionHistory.Step;
import io.zenmesh.controlplane.custody.VersionHistory.Verb;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives a tenant another root secret. Keys that were handed out count on, under the root they were
 * derived from, until they are ended one by one; new ones come from the new root, and their numbers
 * go on. A root that no counting key needs is erased. Thread-safe.
 */
public final class RootRotation {
  private final SecretStore store;
  private final TenantRoots roots;
  private final AuditTrail trail;
  private final InstantSource clock;

  public RootRotation(SecretStore store, TenantRoots roots, AuditTrail trail, InstantSource clock) {
    this.store = store;
    this.roots = roots;
    this.trail = trail;
    this.clock = clock;
  }

  /** What became of it. */
  public sealed interface Answer {
    /**
     * It is done and stored.
     *
     * @param version the version of the new root
     * @param erased the versions of older roots that are gone
     */
    record Rotated(long version, List<Long> erased) implements Answer {
      /** Copies the list. */
      public Rotated {
        erased = List.copyOf(erased);
      }
    }

    /**
     * Nothing has changed.
     *
     * @param code why, stable, in snake case
     */
    record Refused(String code) implements Answer {}
  }

  /** Makes the next root of a tenant, in one transaction that is on record first. */
  public Answer rotate(Actor actor, Name tenant) {
    if (tenant.equals(Name.SYSTEM)) {
      // Checkpoints, content versions and marks are known by keys that come from it.
      return new Answer.Refused("root_of_the_platform");
    }
    return store.change(
        tenant,
        shelf -> {
          Instant now = Moments.now(clock);
          trail.record(
              new AuditEvent(
                  tenant,
                  actor,
                  "key.rotate_root",
                  "tenant/" + tenant,
                  AuditEvent.Outcome.DONE,
                  "",
                  ""));
          long fresh = roots.addTo(shelf).version();
          return new Answer.Rotated(fresh, erase(shelf, shelf.rootsOfKeys(now), now));
        });
  }

  private static List<Long> erase(SecretStore.Shelf shelf, Set<Long> needed, Instant now) {
    SecretRecord root = shelf.find(TenantRoots.NAME).orElseThrow();
    List<Long> erased = new ArrayList<>();
    VersionHistory next = root.history();
    for (Long version : root.history().versions().keySet()) {
      // A root that still counts, the newest, is not to be destroyed: the step refuses it.
      if (!needed.contains(version)
          && next.step(new Verb.Destroy(version), now) instanceof Step.Done(VersionHistory done)) {
        next = done;
        erased.add(version);
      }
    }
    shelf.write(TenantRoots.NAME, root.history(), next, Optional.empty());
    return erased;
  }
}
