package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens sealed secrets, each only after it is on record that it is opened.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Nothing else in the product unseals. {@link #announce} puts one event per secret version on
 * its tenant's record and fails when that cannot be done; the {@link Session} it returns opens what
 * was announced and nothing more. So no plaintext exists that no record tells of. Thread-safe.
 */
public final class SecretOpener {
  private static final String ACTION = "secret.unwrap";

  /** As many events as are recorded at once. */
  private static final int BATCH = 500;

  private final Envelope envelope;
  private final AuditTrail trail;

  public SecretOpener(Envelope envelope, AuditTrail trail) {
    this.envelope = envelope;
    this.trail = trail;
  }

  /**
   * Puts on record that {@code secrets} are going to be opened.
   *
   * @param actor on whose behalf
   * @param purpose what for, a stable word
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it is not on record; then
   *     nothing is opened
   */
  public Session announce(Actor actor, String purpose, Collection<SealedVersion> secrets) {
    Map<Key, SealedVersion> announced = new LinkedHashMap<>();
    secrets.forEach(it -> announced.put(new Key(it.ref(), it.version()), it));
    List<AuditEvent> events =
        announced.values().stream()
            .map(it ->
                new AuditEvent(
                    it.ref().tenant(),
                    actor,
                    ACTION,
                    it.object(),
                    AuditEvent.Outcome.DONE,
                    purpose,
                    ""))
            .toList();
    for (int from = 0; from < events.size(); from += BATCH) {
      trail.record(events.subList(from, Math.min(from + BATCH, events.size())));
    }
    return new Session(envelope, Map.copyOf(announced));
  }

  /** What may be opened now. Thread-safe. */
  public static final class Session {
    private final Envelope envelope;
    private final Map<Key, SealedVersion> announced;

    private Session(Envelope envelope, Map<Key, SealedVersion> announced) {
      this.envelope = envelope;
      this.announced = announced;
    }

    /**
     * Opens one version of a secret; the bytes are the caller's to close.
     *
     * @throws SealBrokenException when it does not open
     * @throws IllegalStateException when it was not announced
     */
    public SecretBytes open(SecretRef ref, long version) {
      SealedVersion found = announced.get(new Key(ref, version));
      if (found == null) {
        throw new IllegalStateException(
            "secret: "
                + ref
                + " version "
                + version
                + " (expected: announced before it is opened)");
      }
      try {
        return envelope.open(ref, version, found.sealed());
      } catch (SealBrokenException e) {
        throw new SealBrokenException(
            "secret " + ref + " version " + version + ": " + e.getMessage(), e);
      }
    }
  }

  private record Key(SecretRef ref, long version) {}
}
