package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Brings secrets back from a backup of {@link SecretExport}. What is not here becomes a new version
 * with the window it had; what is here stays as it is, and numbers only go up. All of it, or
 * nothing.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The import is on record before the backup is opened, and so is each version here that a value
 * is compared with. What was revoked or destroyed since the backup does not come back. Thread-safe.
 */
public final class SecretImport {
  private static final String ACTION = "secret.import";

  private final SecretStore store;
  private final Restoration restoration;
  private final AuditTrail trail;
  private final Custodian.ValueCheck check;
  private final Installation installation;
  private final SecureRandom random;
  private final InstantSource clock;

  public SecretImport(
      SecretStore store,
      Envelope envelope,
      SecretOpener opener,
      AuditTrail trail,
      Custodian.ValueCheck check,
      Installation installation,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.restoration = new Restoration(envelope, opener, trail, clock);
    this.trail = trail;
    this.check = check;
    this.installation = installation;
    this.random = random;
    this.clock = clock;
  }

  /**
   * How to go about it.
   *
   * @param anyOrigin whether a backup of another tenant or installation is taken
   * @param dryRun whether only to tell what would change
   */
  public record Choice(boolean anyOrigin, boolean dryRun) {}

  /** What became of it. */
  public sealed interface Answer {
    /** It is done; or would be, in a dry run. */
    record Done(List<Line> lines) implements Answer {
      /** Copies the list. */
      public Done {
        lines = List.copyOf(lines);
      }

      /** Whether any version came back. */
      public boolean changed() {
        return lines.stream().anyMatch(it -> it.version().isPresent());
      }
    }

    /**
     * Nothing has changed.
     *
     * @param code why, stable, in snake case
     * @param detail in one line that shows nothing of a value
     */
    record Refused(String code, String detail) implements Answer {}
  }

  /**
   * What became of one version.
   *
   * @param number its number in the backup
   * @param what restored, present or ended
   * @param version its new number; empty when it has none, or in a dry run
   */
  public record Line(Name name, long number, String what, Optional<Long> version) {}

  /**
   * Reads a backup and carries it out.
   *
   * @param passphrase closed here
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot be recorded;
   *     then nothing has changed
   */
  public Answer restore(
      Actor actor, Name tenant, byte[] file, SecretBytes passphrase, Choice choice) {
    try (passphrase) {
      Optional<BackupHead> head =
          file.length > BackupForm.MAX_BYTES ? Optional.empty() : BackupHead.read(file);
      Optional<Answer.Refused> refused =
          SecretExport.unfit(passphrase)
              .map(it -> new Answer.Refused("value_passphrase", it))
              .or(() -> strange(head, tenant, choice));
      if (refused.isPresent()) {
        return failed(actor, tenant, refused.get());
      }
      record(actor, tenant, AuditEvent.Outcome.DONE, choice.dryRun() ? "dry_run" : "");
      return opened(actor, tenant, head.orElseThrow(), file, passphrase, choice);
    }
  }

  private Optional<Answer.Refused> strange(Optional<BackupHead> head, Name tenant, Choice choice) {
    if (head.isEmpty()) {
      return Optional.of(
          new Answer.Refused(
              "value_backup_malformed", "backup: not one (expected: a file of secret export)"));
    }
    if (choice.anyOrigin()) {
      return Optional.empty();
    }
    if (!head.get().tenant().equals(tenant)) {
      return Optional.of(
          new Answer.Refused(
              "backup_of_another_tenant",
              "backup: of tenant " + head.get().tenant() + " (expected: " + tenant + ")"));
    }
    return head.get().installation().equals(installation)
        ? Optional.empty()
        : Optional.of(
            new Answer.Refused(
                "backup_of_another_installation",
                "backup: of installation "
                    + head.get().installation().id()
                    + " (expected: "
                    + installation.id()
                    + ")"));
  }

  private Answer opened(
      Actor actor,
      Name tenant,
      BackupHead head,
      byte[] file,
      SecretBytes passphrase,
      Choice choice) {
    List<BackupVersion> backup = List.of();
    try (PassphraseSeal seal = new PassphraseSeal(passphrase, random)) {
      backup = BackupForm.read(head, file, seal);
      boolean sameOrigin = head.tenant().equals(tenant) && head.installation().equals(installation);
      Map<BackupVersion, String> unfit = unfit(tenant, backup);
      Map<Name, List<BackupVersion>> bySecret = bySecret(backup);
      Answer answer =
          store.change(
              tenant,
              shelf -> restoration.on(shelf, actor, tenant, bySecret, unfit, sameOrigin, choice));
      return answer instanceof Answer.Refused refused ? failed(actor, tenant, refused) : answer;
    } catch (GeneralSecurityException e) {
      return failed(
          actor,
          tenant,
          new Answer.Refused(
              "value_backup_closed",
              "backup: does not open (expected: the passphrase it was sealed under, and every byte"
                  + " as it was)"));
    } finally {
      backup.forEach(BackupVersion::close);
    }
  }

  private static Map<Name, List<BackupVersion>> bySecret(List<BackupVersion> backup) {
    Map<Name, List<BackupVersion>> bySecret = new TreeMap<>();
    backup.stream()
        .sorted(Comparator.comparingLong(BackupVersion::version))
        .forEach(it -> bySecret.computeIfAbsent(it.name(), name -> new ArrayList<>()).add(it));
    return bySecret;
  }

  /** Asked before the transaction: the check reads the store by itself. */
  private Map<BackupVersion, String> unfit(Name tenant, List<BackupVersion> backup) {
    Instant now = Moments.now(clock);
    Map<BackupVersion, String> unfit = new HashMap<>();
    backup.stream()
        .filter(it -> it.state().mayCount(now))
        .forEach(it ->
            check
                .problem(new SecretRef(tenant, it.name()), it.value())
                .ifPresent(problem -> unfit.put(it, problem)));
    return unfit;
  }

  private Answer failed(Actor actor, Name tenant, Answer.Refused refused) {
    record(actor, tenant, AuditEvent.Outcome.FAILED, refused.code());
    return refused;
  }

  private void record(Actor actor, Name tenant, AuditEvent.Outcome outcome, String reason) {
    trail.record(new AuditEvent(tenant, actor, ACTION, "tenant/" + tenant, outcome, reason, ""));
  }
}
