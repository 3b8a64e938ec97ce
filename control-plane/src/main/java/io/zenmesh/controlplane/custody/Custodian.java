package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.custody.VersionHistory.Verb;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Carries out what operators ask of signing secrets. Each change is one transaction, put on record
 * before it is committed: when it cannot be recorded, it has not happened. Thread-safe.
 */
public final class Custodian {
  /** The largest signing secret, in bytes: what a processor takes. */
  public static final int MAX_BYTES = 16 * 1024;

  /** The code of a change to what is not as it was expected. */
  public static final String UNEXPECTED = "not_as_expected";

  private static final int LEAST_BYTES = 8;
  private static final int LEAST_DISTINCT = 4;

  private final SecretStore store;
  private final Envelope envelope;
  private final AuditTrail trail;
  private final ValueCheck check;
  private final InstantSource clock;

  public Custodian(
      SecretStore store,
      Envelope envelope,
      AuditTrail trail,
      ValueCheck check,
      InstantSource clock) {
    this.store = store;
    this.envelope = envelope;
    this.trail = trail;
    this.check = check;
    this.clock = clock;
  }

  /** Judges whether a value suits what refers to the secret. */
  @FunctionalInterface
  public interface ValueCheck {
    /** What is wrong with it, in one line that shows nothing of it; empty when it suits. */
    Optional<String> problem(SecretRef ref, SecretBytes value);
  }

  /** What became of it. */
  public sealed interface Answer {
    /**
     * It is done and stored.
     *
     * @param secret as it is now
     * @param version the version it was done to
     */
    record Done(SecretRecord secret, long version) implements Answer {}

    /**
     * Nothing has changed.
     *
     * @param code why, stable, in snake case
     * @param detail in one line; empty when the code says all
     */
    record Refused(String code, String detail) implements Answer {}
  }

  /**
   * Makes a secret, or gives one a new value that counts alone from now on.
   *
   * @param value the caller's to close
   * @param acceptWeak whether a value that can be guessed is taken all the same
   * @param expected asked of what is there, which nobody else changes meanwhile; else {@link
   *     #UNEXPECTED}
   */
  public Answer put(
      Actor actor,
      SecretRef ref,
      SecretBytes value,
      boolean acceptWeak,
      Predicate<Optional<SecretRecord>> expected) {
    return unfit(ref, value, acceptWeak)
        .orElseGet(() ->
            store.change(
                ref.tenant(),
                shelf -> {
                  Optional<SecretRecord> found = shelf.find(ref.name());
                  if (found.isPresent() && found.get().type() != SecretType.SIGNING) {
                    return notASigningSecret();
                  }
                  if (!expected.test(found)) {
                    return new Answer.Refused(UNEXPECTED, "");
                  }
                  SecretRecord secret =
                      found.orElseGet(() -> shelf.create(ref.name(), SecretType.SIGNING));
                  long version = shelf.nextVersion();
                  return carryOut(
                      actor,
                      "secret.put",
                      shelf,
                      secret,
                      new Verb.Put(version),
                      version,
                      Optional.of(value));
                }));
  }

  /**
   * Gives a secret a new value; the ones before it count on until the overlap is over.
   *
   * @param value the caller's to close
   * @param overlap 0 to {@link VersionHistory#MAX_OVERLAP}
   */
  public Answer rotate(
      Actor actor, SecretRef ref, SecretBytes value, Duration overlap, boolean acceptWeak) {
    if (overlap.isNegative() || overlap.compareTo(VersionHistory.MAX_OVERLAP) > 0) {
      return new Answer.Refused("overlap_out_of_bounds", "overlap: (expected: 0s to 30d)");
    }
    return unfit(ref, value, acceptWeak)
        .orElseGet(() ->
            onSigningSecret(
                ref,
                (shelf, secret) -> {
                  long version = shelf.nextVersion();
                  return carryOut(
                      actor,
                      "secret.rotate",
                      shelf,
                      secret,
                      new Verb.Rotate(version, overlap),
                      version,
                      Optional.of(value));
                }));
  }

  /** Ends a version in good order. */
  public Answer retire(Actor actor, SecretRef ref, long version) {
    return onSigningSecret(
        ref,
        (shelf, secret) ->
            carryOut(
                actor,
                "secret.retire",
                shelf,
                secret,
                new Verb.Retire(version),
                version,
                Optional.empty()));
  }

  /** Ends a version that somebody else may know. */
  public Answer revoke(Actor actor, SecretRef ref, long version) {
    return onSigningSecret(
        ref,
        (shelf, secret) ->
            carryOut(
                actor,
                "secret.revoke",
                shelf,
                secret,
                new Verb.Revoke(version),
                version,
                Optional.empty()));
  }

  /** Erases a version that has ended. */
  public Answer destroy(Actor actor, SecretRef ref, long version) {
    return store.change(
        ref.tenant(),
        shelf ->
            shelf
                .find(ref.name())
                .filter(it -> it.type() != SecretType.ROOT)
                .map(secret ->
                    carryOut(
                        actor,
                        "secret.destroy",
                        shelf,
                        secret,
                        new Verb.Destroy(version),
                        version,
                        Optional.empty()))
                .orElseGet(Custodian::unknown));
  }

  /** The secrets of a tenant by name, roots left out. */
  public List<SecretRecord> list(Actor actor, Name tenant) {
    return store.change(
        tenant,
        shelf -> {
          trail.record(
              new AuditEvent(
                  tenant,
                  actor,
                  "secret.list",
                  "tenant/" + tenant,
                  AuditEvent.Outcome.DONE,
                  "",
                  ""));
          return shelf.all().stream().filter(it -> it.type() != SecretType.ROOT).toList();
        });
  }

  private interface Work {
    Answer on(SecretStore.Shelf shelf, SecretRecord secret);
  }

  private Answer onSigningSecret(SecretRef ref, Work work) {
    return store.change(
        ref.tenant(),
        shelf ->
            shelf
                .find(ref.name())
                .map(secret ->
                    secret.type() == SecretType.SIGNING
                        ? work.on(shelf, secret)
                        : notASigningSecret())
                .orElseGet(Custodian::unknown));
  }

  private Answer carryOut(
      Actor actor,
      String action,
      SecretStore.Shelf shelf,
      SecretRecord secret,
      Verb verb,
      long version,
      Optional<SecretBytes> value) {
    String object = "secret/" + secret.ref() + "/" + version;
    return switch (secret.history().step(verb, Moments.now(clock))) {
      case VersionHistory.Step.Refused(VersionHistory.Refusal why) -> {
        record(actor, action, secret.ref(), object, AuditEvent.Outcome.FAILED, why.code());
        yield new Answer.Refused(why.code(), "");
      }
      case VersionHistory.Step.Done(VersionHistory next) -> {
        record(actor, action, secret.ref(), object, AuditEvent.Outcome.DONE, "");
        Optional<SealedSecret> fresh = value.map(it -> envelope.seal(secret.ref(), version, it));
        shelf.write(secret.ref().name(), secret.history(), next, fresh);
        yield new Answer.Done(
            new SecretRecord(
                secret.ref(), secret.type(), secret.declared(), secret.fromFile(), next),
            version);
      }
    };
  }

  private void record(
      Actor actor,
      String action,
      SecretRef ref,
      String object,
      AuditEvent.Outcome outcome,
      String reason) {
    trail.record(new AuditEvent(ref.tenant(), actor, action, object, outcome, reason, ""));
  }

  private Optional<Answer> unfit(SecretRef ref, SecretBytes value, boolean acceptWeak) {
    if (value.length() == 0 || value.length() > MAX_BYTES) {
      return Optional.of(
          new Answer.Refused(
              "value_size",
              "value: " + value.length() + " bytes (expected: 1 to " + MAX_BYTES + ")"));
    }
    if (ref.name().equals(TenantRoots.NAME)) {
      return Optional.of(notASigningSecret());
    }
    if (!acceptWeak && weak(value)) {
      return Optional.of(
          new Answer.Refused(
              "value_weak",
              "value: can be guessed (expected: at least 8 bytes, 4 of them different)"));
    }
    return check.problem(ref, value).map(it -> new Answer.Refused("value_unfit", it));
  }

  /** Only what nobody means to use: a measure of entropy would refuse what providers hand out. */
  private static boolean weak(SecretBytes value) {
    byte[] bytes = value.copy(SecretAccess.granted());
    try {
      boolean[] seen = new boolean[256];
      int distinct = 0;
      for (byte each : bytes) {
        if (!seen[each & 0xff]) {
          seen[each & 0xff] = true;
          distinct++;
        }
      }
      return bytes.length < LEAST_BYTES || distinct < LEAST_DISTINCT;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static Answer notASigningSecret() {
    return new Answer.Refused("not_a_signing_secret", "");
  }

  private static Answer unknown() {
    return new Answer.Refused("unknown_secret", "");
  }
}
