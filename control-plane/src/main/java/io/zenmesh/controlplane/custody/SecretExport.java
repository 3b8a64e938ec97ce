package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes backups of a tenant's signing secrets: every live and retired version, sealed under a
 * passphrase. At most {@value BackupForm#MAX_VERSIONS} versions and 8 MiB.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>No plaintext leaves this class. That there is an export, and each version in it, is on record
 * before the first is opened. Roots are never exported. Thread-safe.
 */
public final class SecretExport {
  /** The largest backup, in bytes. */
  public static final int MAX_BYTES = BackupForm.MAX_BYTES;

  /** The shortest passphrase, in bytes. */
  public static final int LEAST_PASSPHRASE = PassphraseSeal.LEAST_PASSPHRASE;

  /** The longest passphrase, in bytes. */
  public static final int MAX_PASSPHRASE = 1024;

  static final String ACTION = "secret.export";

  private final SecretStore store;
  private final SecretOpener opener;
  private final AuditTrail trail;
  private final Installation installation;
  private final SecureRandom random;
  private final InstantSource clock;

  public SecretExport(
      SecretStore store,
      SecretOpener opener,
      AuditTrail trail,
      Installation installation,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.opener = opener;
    this.trail = trail;
    this.installation = installation;
    this.random = random;
    this.clock = clock;
  }

  /** What became of it. */
  public sealed interface Answer {
    /** It is made. */
    final class Sealed implements Answer {
      private final byte[] file;
      private final int versions;

      private Sealed(byte[] file, int versions) {
        this.file = file;
        this.versions = versions;
      }

      /** The backup; nothing in it is in the clear but its first line. */
      public byte[] file() {
        return file.clone();
      }

      /** How many versions are in it. */
      public int versions() {
        return versions;
      }
    }

    /**
     * Nothing was opened.
     *
     * @param code why, stable, in snake case
     * @param detail in one line
     */
    record Refused(String code, String detail) implements Answer {}
  }

  /** Whether a passphrase is of an impossible length, and how. */
  static Optional<String> unfit(SecretBytes passphrase) {
    return passphrase.length() < LEAST_PASSPHRASE || passphrase.length() > MAX_PASSPHRASE
        ? Optional.of(
            "passphrase: "
                + passphrase.length()
                + " bytes (expected: "
                + LEAST_PASSPHRASE
                + " to "
                + MAX_PASSPHRASE
                + ")")
        : Optional.empty();
  }

  private record Kept(SealedVersion sealed, VersionState state) {}

  /**
   * Makes a backup.
   *
   * @param passphrase closed here
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot be recorded;
   *     then nothing was opened
   */
  public Answer export(Actor actor, Name tenant, SecretBytes passphrase) {
    try (passphrase) {
      Optional<String> unfit = unfit(passphrase);
      if (unfit.isPresent()) {
        return refused(actor, tenant, "value_passphrase", unfit.get());
      }
      Optional<List<Kept>> kept = store.change(tenant, SecretExport::kept);
      return kept.isEmpty()
          ? refused(
              actor,
              tenant,
              "backup_too_large",
              "secrets: too many (expected: at most "
                  + BackupForm.MAX_VERSIONS
                  + " versions that fit into 8 MiB)")
          : sealed(actor, tenant, passphrase, kept.get());
    }
  }

  /** All that is to be kept, still sealed; empty when it is more than one backup takes. */
  private static Optional<List<Kept>> kept(SecretStore.Shelf shelf) {
    List<Kept> kept = new ArrayList<>();
    long bytes = BackupForm.OVERHEAD_BYTES;
    for (SecretRecord secret : shelf.all()) {
      if (secret.type() != SecretType.SIGNING) {
        continue;
      }
      for (Map.Entry<Long, VersionState> each : secret.history().versions().entrySet()) {
        if (!exported(each.getValue())) {
          continue;
        }
        Optional<SealedVersion> sealed = shelf.sealed(secret.ref().name(), each.getKey());
        sealed.ifPresent(it -> kept.add(new Kept(it, each.getValue())));
        bytes +=
            BackupForm.OVERHEAD_BYTES + sealed.map(it -> it.sealed().ciphertext().length).orElse(0);
        if (kept.size() > BackupForm.MAX_VERSIONS || bytes > MAX_BYTES) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(kept);
  }

  private static boolean exported(VersionState state) {
    return switch (state) {
      case VersionState.Live live -> true;
      case VersionState.Retired retired -> true;
      case VersionState.Revoked revoked -> false;
      case VersionState.Destroyed destroyed -> false;
    };
  }

  private Answer sealed(Actor actor, Name tenant, SecretBytes passphrase, List<Kept> kept) {
    record(actor, tenant, AuditEvent.Outcome.DONE, "");
    SecretOpener.Session session =
        opener.announce(actor, "export", kept.stream().map(Kept::sealed).toList());
    List<BackupVersion> versions = new ArrayList<>();
    try (PassphraseSeal seal = new PassphraseSeal(passphrase, random)) {
      for (Kept each : kept) {
        SecretRef ref = each.sealed().ref();
        long version = each.sealed().version();
        versions.add(
            new BackupVersion(ref.name(), version, each.state(), session.open(ref, version)));
      }
      BackupHead head = new BackupHead(installation, tenant, Moments.now(clock));
      return new Answer.Sealed(BackupForm.write(head, versions, seal), versions.size());
    } finally {
      versions.forEach(BackupVersion::close);
    }
  }

  private Answer refused(Actor actor, Name tenant, String code, String detail) {
    record(actor, tenant, AuditEvent.Outcome.FAILED, code);
    return new Answer.Refused(code, detail);
  }

  private void record(Actor actor, Name tenant, AuditEvent.Outcome outcome, String reason) {
    trail.record(new AuditEvent(tenant, actor, ACTION, "tenant/" + tenant, outcome, reason, ""));
  }
}
