package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.RestorePlan.What;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The part of an import that happens within one transaction: planned as a whole, then refused as a
 * whole or carried out. Thread-safe.
 */
final class Restoration {
  private final Envelope envelope;
  private final SecretOpener opener;
  private final AuditTrail trail;
  private final InstantSource clock;

  Restoration(Envelope envelope, SecretOpener opener, AuditTrail trail, InstantSource clock) {
    this.envelope = envelope;
    this.opener = opener;
    this.trail = trail;
    this.clock = clock;
  }

  /**
   * @param backup versions by secret, each by number
   * @param unfit what is wrong with those that no endpoint can use
   * @param sameOrigin whether numbers mean the same here as in the backup
   */
  SecretImport.Answer on(
      SecretStore.Shelf shelf,
      Actor actor,
      Name tenant,
      Map<Name, List<BackupVersion>> backup,
      Map<BackupVersion, String> unfit,
      boolean sameOrigin,
      SecretImport.Choice choice) {
    List<Planned> plan = new ArrayList<>();
    backup.forEach((name, versions) -> plan.add(planned(actor, shelf, name, versions, sameOrigin)));
    return refusal(plan, unfit)
        .<SecretImport.Answer>map(it -> it)
        .orElseGet(() -> carriedOut(actor, tenant, shelf, plan, choice.dryRun()));
  }

  /** One secret: what there is of it here, and what becomes of each version of the backup. */
  private record Planned(
      Name name, Optional<SecretRecord> here, List<BackupVersion> backup, List<What> what) {
    List<BackupVersion> restored() {
      List<BackupVersion> restored = new ArrayList<>();
      for (int i = 0; i < backup.size(); i++) {
        if (what.get(i) == What.RESTORED) {
          restored.add(backup.get(i));
        }
      }
      return restored;
    }
  }

  private Planned planned(
      Actor actor,
      SecretStore.Shelf shelf,
      Name name,
      List<BackupVersion> backup,
      boolean sameOrigin) {
    Optional<SecretRecord> here = shelf.find(name);
    VersionHistory history = here.map(SecretRecord::history).orElse(VersionHistory.empty());
    List<SealedVersion> sealed =
        here.filter(it -> it.type() == SecretType.SIGNING).stream()
            .flatMap(it -> it.history().versions().keySet().stream())
            .flatMap(it -> shelf.sealed(name, it).stream())
            .toList();
    SecretOpener.Session session = opener.announce(actor, "import", sealed);
    Map<Long, SecretBytes> values = new TreeMap<>();
    try {
      sealed.forEach(it -> values.put(it.version(), session.open(it.ref(), it.version())));
      return new Planned(name, here, backup, RestorePlan.of(backup, history, values, sameOrigin));
    } finally {
      values.values().forEach(SecretBytes::close);
    }
  }

  private Optional<SecretImport.Answer.Refused> refusal(
      List<Planned> plan, Map<BackupVersion, String> unfit) {
    Instant now = Moments.now(clock);
    for (Planned secret : plan) {
      if (secret.here().filter(it -> it.type() != SecretType.SIGNING).isPresent()) {
        return Optional.of(
            new SecretImport.Answer.Refused("not_a_signing_secret", "secret " + secret.name()));
      }
      long live =
          secret.here().stream()
              .flatMap(it -> it.history().versions().values().stream())
              .filter(it -> it.mayCount(now))
              .count();
      long more = 0;
      for (BackupVersion version : secret.restored()) {
        if (unfit.containsKey(version)) {
          return Optional.of(new SecretImport.Answer.Refused("value_unfit", unfit.get(version)));
        }
        more += version.state().mayCount(now) ? 1 : 0;
      }
      if (more > 0 && live + more > VersionHistory.MAX_LIVE) {
        return Optional.of(
            new SecretImport.Answer.Refused(
                VersionHistory.Refusal.TOO_MANY_LIVE.code(),
                "secret %s: %d live versions (expected: at most %d; retire some first)"
                    .formatted(secret.name(), live + more, VersionHistory.MAX_LIVE)));
      }
    }
    return Optional.empty();
  }

  private SecretImport.Answer carriedOut(
      Actor actor, Name tenant, SecretStore.Shelf shelf, List<Planned> plan, boolean dryRun) {
    List<SecretImport.Line> lines = new ArrayList<>();
    List<AuditEvent> events = new ArrayList<>();
    for (Planned secret : plan) {
      SecretRef ref = new SecretRef(tenant, secret.name());
      VersionHistory history =
          secret.here().map(SecretRecord::history).orElse(VersionHistory.empty());
      boolean made = secret.here().isPresent();
      for (int i = 0; i < secret.backup().size(); i++) {
        BackupVersion version = secret.backup().get(i);
        What what = secret.what().get(i);
        Optional<Long> number = Optional.empty();
        if (what == What.RESTORED && !dryRun) {
          if (!made) {
            var unused = shelf.create(secret.name(), SecretType.SIGNING);
            made = true;
          }
          number = Optional.of(shelf.nextVersion());
          history = written(shelf, ref, history, number.get(), version);
          events.add(event(actor, ref, number.get()));
        }
        lines.add(new SecretImport.Line(secret.name(), version.version(), what.word(), number));
      }
    }
    if (!events.isEmpty()) {
      trail.record(events);
    }
    return new SecretImport.Answer.Done(lines);
  }

  private VersionHistory written(
      SecretStore.Shelf shelf,
      SecretRef ref,
      VersionHistory before,
      long number,
      BackupVersion version) {
    VersionHistory.Step step =
        before.step(new VersionHistory.Verb.Restore(number, version.state()), Moments.now(clock));
    if (!(step instanceof VersionHistory.Step.Done(VersionHistory next))) {
      throw new IllegalStateException("restore: " + step + " (expected: done)");
    }
    shelf.write(ref.name(), before, next, Optional.of(envelope.seal(ref, number, version.value())));
    return next;
  }

  private static AuditEvent event(Actor actor, SecretRef ref, long number) {
    return new AuditEvent(
        ref.tenant(),
        actor,
        "secret.restore",
        "secret/" + ref + "/" + number,
        AuditEvent.Outcome.DONE,
        "",
        "");
  }
}
