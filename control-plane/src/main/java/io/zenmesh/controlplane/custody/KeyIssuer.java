package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.VersionHistory.Step;
import io.zenmesh.controlplane.custody.VersionHistory.Verb;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * Hands out derived keys, each once, and ends them. What is handed out is put on record before it
 * exists. Thread-safe.
 */
public final class KeyIssuer {
  private final SecretStore store;
  private final TenantRoots roots;
  private final SecretOpener opener;
  private final AuditTrail trail;
  private final InstantSource clock;

  public KeyIssuer(
      SecretStore store,
      TenantRoots roots,
      SecretOpener opener,
      AuditTrail trail,
      InstantSource clock) {
    this.store = store;
    this.roots = roots;
    this.opener = opener;
    this.trail = trail;
    this.clock = clock;
  }

  /** What became of it. */
  public sealed interface Answer {
    /** A key for a sender: kept nowhere, shown this once. The caller closes it. */
    final class Issued implements Answer, AutoCloseable {
      private final String id;
      private final long version;
      private final SecretBytes key;

      private Issued(String id, long version, SecretBytes key) {
        this.id = id;
        this.version = version;
        this.key = key;
      }

      /** What {@code k} of a signature may say. */
      public String id() {
        return id;
      }

      /** Counted from 1, never used twice. */
      public long version() {
        return version;
      }

      /** In the form that senders take: {@code zenk1_} and 43 characters. */
      public SecretBytes key() {
        return key;
      }

      @Override
      public void close() {
        key.close();
      }
    }

    /** A version has ended. */
    record Ended(VersionHistory history) implements Answer {}

    /**
     * Nothing has changed.
     *
     * @param code why, stable, in snake case
     */
    record Refused(String code) implements Answer {}
  }

  /** Makes the next version of a line, which counts beside those before it. */
  public Answer issue(Actor actor, KeyLine line) {
    return store.change(
        line.tenant(),
        shelf -> {
          SealedVersion root = roots.currentOf(shelf);
          VersionHistory before = history(shelf, line);
          long version = shelf.nextKeyVersion(line);
          return switch (before.step(new Verb.Add(version), Moments.now(clock))) {
            case Step.Refused(VersionHistory.Refusal why) ->
                refused(actor, "key.issue", line, version, why);
            case Step.Done(VersionHistory next) -> {
              record(actor, "key.issue", line, version, AuditEvent.Outcome.DONE, "");
              SecretOpener.Session session = opener.announce(actor, "key-issue", List.of(root));
              try (SecretBytes opened = session.open(root.ref(), root.version())) {
                shelf.writeKeys(line, before, next, root.version());
                yield new Answer.Issued(
                    line.keyId(version), version, KeySchedule.key(opened, line, version));
              }
            }
          };
        });
  }

  /** Ends a version in good order; another one has to be there. */
  public Answer retire(Actor actor, KeyLine line, long version) {
    return end(actor, "key.retire", line, version, new Verb.Retire(version));
  }

  /** Ends a version that somebody else may know. */
  public Answer revoke(Actor actor, KeyLine line, long version) {
    return end(actor, "key.revoke", line, version, new Verb.Revoke(version));
  }

  /** Every line of a tenant, with its versions. */
  public Map<KeyLine, VersionHistory> list(Actor actor, Name tenant) {
    return store.change(
        tenant,
        shelf -> {
          trail.record(
              new AuditEvent(
                  tenant, actor, "key.list", "tenant/" + tenant, AuditEvent.Outcome.DONE, "", ""));
          return shelf.keyLines();
        });
  }

  private Answer end(Actor actor, String action, KeyLine line, long version, Verb verb) {
    return store.change(
        line.tenant(),
        shelf -> {
          VersionHistory before = history(shelf, line);
          return switch (before.step(verb, Moments.now(clock))) {
            case Step.Refused(VersionHistory.Refusal why) ->
                refused(actor, action, line, version, why);
            case Step.Done(VersionHistory next) -> {
              record(actor, action, line, version, AuditEvent.Outcome.DONE, "");
              shelf.writeKeys(line, before, next, 0); // none of its versions is new
              yield new Answer.Ended(next);
            }
          };
        });
  }

  private static VersionHistory history(SecretStore.Shelf shelf, KeyLine line) {
    return shelf.keyLines().getOrDefault(line, VersionHistory.empty());
  }

  private Answer refused(
      Actor actor, String action, KeyLine line, long version, VersionHistory.Refusal why) {
    record(actor, action, line, version, AuditEvent.Outcome.FAILED, why.code());
    return new Answer.Refused(why.code());
  }

  private void record(
      Actor actor,
      String action,
      KeyLine line,
      long version,
      AuditEvent.Outcome outcome,
      String reason) {
    String object =
        "key/" + line.tenant() + "/" + line.cluster() + "/" + line.purpose().word() + "/" + version;
    trail.record(new AuditEvent(line.tenant(), actor, action, object, outcome, reason, ""));
  }
}
