package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class SecretBackupTest {
  private static final SecretRef ORDERS = new SecretRef(Name.SYSTEM, new Name("orders"));
  private static final Actor ACTOR = new Actor(Actor.Kind.PRINCIPAL, "spiffe://t/operator/ann");
  private static final Installation HERE = new Installation("a".repeat(32));
  private static final Installation ELSEWHERE = new Installation("b".repeat(32));
  private static final SecretImport.Choice PLAIN = new SecretImport.Choice(false, false);
  private static final SecretImport.Choice ANY = new SecretImport.Choice(true, false);
  private static final String PASSPHRASE = "a good passphrase";

  @TempDir Path folder;
  private final RecordingTrail trail = new RecordingTrail();
  private Instant now = Instant.parse("2026-01-01T00:00:00.123456Z");
  private Optional<String> problem = Optional.empty();
  private Database database;
  private SecretStore store;
  private Envelope envelope;
  private Custodian custodian;

  @BeforeEach
  void open() {
    database = Database.open(TestPostgres.freshDatabase());
    store = database.secretStore();
    envelope =
        new Envelope(
            new CountedWrapper(
                KeysetFile.openOrCreate(folder.resolve("keyset.json"), false),
                database.wrapLedger()),
            new SecureRandom());
    custodian = new Custodian(store, envelope, trail, (ref, value) -> Optional.empty(), () -> now);
  }

  @AfterEach
  void end() {
    database.close();
  }

  private static SecretBytes bytes(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  private SecretExport.Answer export(Installation installation, String passphrase) {
    return new SecretExport(
            store,
            new SecretOpener(envelope, trail),
            trail,
            installation,
            new SecureRandom(),
            () -> now)
        .export(ACTOR, Name.SYSTEM, bytes(passphrase));
  }

  private byte[] backup() {
    return backup(HERE);
  }

  private byte[] backup(Installation installation) {
    return switch (export(installation, PASSPHRASE)) {
      case SecretExport.Answer.Sealed sealed -> sealed.file();
      case SecretExport.Answer.Refused refused -> throw new AssertionError(refused.toString());
    };
  }

  private SecretImport.Answer restore(byte[] file, String passphrase, SecretImport.Choice choice) {
    return new SecretImport(
            store,
            envelope,
            new SecretOpener(envelope, trail),
            trail,
            (ref, value) -> problem,
            HERE,
            new SecureRandom(),
            () -> now)
        .restore(ACTOR, Name.SYSTEM, file, bytes(passphrase), choice);
  }

  /** Each as {@code name/number what} and the new number, if any. */
  private List<String> restored(byte[] file, SecretImport.Choice choice) {
    return switch (restore(file, PASSPHRASE, choice)) {
      case SecretImport.Answer.Done(List<SecretImport.Line> lines) ->
          lines.stream()
              .map(it ->
                  it.name()
                      + "/"
                      + it.number()
                      + " "
                      + it.what()
                      + it.version().map(number -> " " + number).orElse(""))
              .toList();
      case SecretImport.Answer.Refused refused -> throw new AssertionError(refused.toString());
    };
  }

  private String code(byte[] file, String passphrase, SecretImport.Choice choice) {
    return switch (restore(file, passphrase, choice)) {
      case SecretImport.Answer.Done done -> "done";
      case SecretImport.Answer.Refused(String code, String detail) -> code;
    };
  }

  private long put(String value) {
    return done(custodian.put(ACTOR, ORDERS, bytes(value), false, any -> true));
  }

  private long rotate(String value) {
    return done(custodian.rotate(ACTOR, ORDERS, bytes(value), Duration.ofHours(1), false));
  }

  private static long done(Custodian.Answer answer) {
    return switch (answer) {
      case Custodian.Answer.Done done -> done.version();
      case Custodian.Answer.Refused refused -> throw new AssertionError(refused.toString());
    };
  }

  private String opened(long version) {
    SealedVersion sealed =
        store.change(Name.SYSTEM, shelf -> shelf.sealed(ORDERS.name(), version)).orElseThrow();
    try (SecretBytes value = envelope.open(ORDERS, version, sealed.sealed())) {
      return new String(value.copy(SecretAccess.granted()), StandardCharsets.US_ASCII);
    }
  }

  private VersionHistory history() {
    return custodian.list(ACTOR, Name.SYSTEM).stream()
        .filter(it -> it.ref().equals(ORDERS))
        .findFirst()
        .map(SecretRecord::history)
        .orElse(VersionHistory.empty());
  }

  @Test
  void lostVersions_comeBackAsNewOnes_withTheWindowsTheyHad() {
    long retired = put("canary-one");
    now = now.plusSeconds(1);
    long overlapping = put("canary-two");
    now = now.plusSeconds(1);
    long newest = rotate("canary-three");
    VersionHistory before = history();
    byte[] file = backup(ELSEWHERE);
    store.change(
        Name.SYSTEM,
        shelf -> {
          VersionHistory gone = before;
          for (long each : List.of(retired, overlapping, newest)) {
            gone =
                after(
                    after(gone, new VersionHistory.Verb.Revoke(each)),
                    new VersionHistory.Verb.Destroy(each));
          }
          shelf.write(ORDERS.name(), before, gone, Optional.empty());
          return true;
        });
    now = now.plusSeconds(60);
    assertThat(restored(file, ANY))
        .containsExactly("orders/1 restored 4", "orders/2 restored 5", "orders/3 restored 6");
    assertThat(opened(4)).isEqualTo("canary-one");
    assertThat(opened(6)).isEqualTo("canary-three");
    VersionHistory restored = history();
    assertThat(restored.versions().get(4L)).isEqualTo(before.versions().get(retired));
    assertThat(restored.versions().get(5L)).isEqualTo(before.versions().get(overlapping));
    assertThat(restored.versions().get(6L)).isEqualTo(before.versions().get(newest));
    assertThat(restored(file, ANY)).allMatch(it -> it.endsWith("present"));
    assertThat(put("canary-four")).isEqualTo(7);
  }

  private VersionHistory after(VersionHistory history, VersionHistory.Verb verb) {
    if (history.step(verb, now) instanceof VersionHistory.Step.Done(VersionHistory next)) {
      return next;
    }
    throw new AssertionError(verb + " refused");
  }

  @Test
  void K09_whatWasRevokedOrDestroyedSince_staysSo() {
    long revoked = put("canary-one");
    long destroyed = rotate("canary-two");
    long kept = rotate("canary-three");
    byte[] file = backup();
    done(custodian.revoke(ACTOR, ORDERS, revoked));
    done(custodian.retire(ACTOR, ORDERS, destroyed));
    done(custodian.destroy(ACTOR, ORDERS, destroyed));
    VersionHistory before = history();
    assertThat(restored(file, PLAIN))
        .containsExactly(
            "orders/" + revoked + " ended",
            "orders/" + destroyed + " ended",
            "orders/" + kept + " present");
    assertThat(history()).isEqualTo(before);
    // By its value too, wherever the backup comes from.
    assertThat(restored(backupOf("canary-one"), ANY)).containsExactly("orders/9 ended");
  }

  private byte[] backupOf(String value) {
    try (PassphraseSeal seal = new PassphraseSeal(bytes(PASSPHRASE), new SecureRandom());
        BackupVersion version =
            new BackupVersion(
                ORDERS.name(), 9, new VersionState.Live(now, Optional.empty()), bytes(value))) {
      return BackupForm.write(
          new BackupHead(ELSEWHERE, new Name("other"), now), List.of(version), seal);
    }
  }

  @Test
  void sameNumberWithAnotherValue_isNotTakenForTheSame() {
    put("canary-one");
    byte[] file = backup();
    byte[] other = backupOf("canary-other");
    assertThat(restored(other, ANY)).containsExactly("orders/9 restored 2");
    assertThat(restored(file, PLAIN)).containsExactly("orders/1 present");
  }

  @Test
  void revokedAndDestroyed_areNotExported_norIsTheRoot() {
    new TenantRoots(
            store, envelope, new SecretOpener(envelope, trail), new SecureRandom(), () -> now)
        .internalKey(Name.SYSTEM, "test")
        .close();
    long revoked = put("canary-one");
    rotate("canary-two");
    done(custodian.revoke(ACTOR, ORDERS, revoked));
    trail.clear();
    byte[] file = backup();
    assertThat(trail.lines())
        .containsExactly(
            "system secret.export tenant/system DONE",
            "system secret.unwrap secret/system/orders/3 DONE export");
    assertThat(restored(file, PLAIN)).containsExactly("orders/3 present");
  }

  @Test
  void K07_import_isOnRecordBeforeAnythingIsOpened() {
    put("canary-one");
    byte[] file = backup();
    byte[] other = backupOf("canary-other");
    trail.clear();
    restored(other, ANY);
    assertThat(trail.lines())
        .containsExactly(
            "system secret.import tenant/system DONE",
            "system secret.unwrap secret/system/orders/1 DONE import",
            "system secret.restore secret/system/orders/2 DONE");
    trail.away(true);
    assertThatThrownBy(() -> export(HERE, PASSPHRASE))
        .isInstanceOf(AuditUnavailableException.class);
    assertThatThrownBy(() -> restore(file, PASSPHRASE, PLAIN))
        .isInstanceOf(AuditUnavailableException.class);
    trail.away(false);
    assertThat(history().versions()).hasSize(2);
  }

  @Test
  void dryRun_tellsAndChangesNothing() {
    put("canary-one");
    byte[] other = backupOf("canary-other");
    VersionHistory before = history();
    assertThat(restored(other, new SecretImport.Choice(true, true)))
        .containsExactly("orders/9 restored");
    assertThat(history()).isEqualTo(before);
    assertThat(put("canary-two")).isEqualTo(2);
  }

  @Test
  void K09_fileLargerThanAnyBackup_isNotEvenOpened() {
    put("canary-one");
    byte[] padded = Arrays.copyOf(backup(), BackupForm.MAX_BYTES + 1);
    assertThat(code(padded, PASSPHRASE, PLAIN)).isEqualTo("value_backup_malformed");
  }

  @Test
  void K09_strangeBackups_areRefusedAndOnRecord() {
    put("canary-one");
    byte[] file = backup();
    trail.clear();
    assertThat(code(file, "another passphrase", PLAIN)).isEqualTo("value_backup_closed");
    assertThat(code(file, "too-short", PLAIN)).isEqualTo("value_passphrase");
    assertThat(code(new byte[0], PASSPHRASE, PLAIN)).isEqualTo("value_backup_malformed");
    assertThat(code(backup(ELSEWHERE), PASSPHRASE, PLAIN))
        .isEqualTo("backup_of_another_installation");
    assertThat(code(backupOf("canary-other"), PASSPHRASE, PLAIN))
        .isEqualTo("backup_of_another_tenant");
    byte[] changed = file.clone();
    changed[file.length - 1] ^= 1;
    assertThat(code(changed, PASSPHRASE, ANY)).isEqualTo("value_backup_closed");
    assertThat(trail.lines())
        .contains(
            "system secret.import tenant/system FAILED value_backup_closed",
            "system secret.import tenant/system FAILED value_passphrase",
            "system secret.import tenant/system FAILED backup_of_another_tenant",
            "system secret.import tenant/system FAILED backup_of_another_installation")
        .noneMatch(it -> it.contains("secret.restore"));
    assertThat(history().versions()).hasSize(1);
  }

  @Test
  void refusal_isOfTheWholeBackup() {
    put("canary-one");
    rotate("canary-two");
    rotate("canary-three");
    rotate("canary-four");
    VersionHistory before = history();
    assertThat(code(backupOf("canary-other"), PASSPHRASE, ANY)).isEqualTo("too_many_live");
    problem = Optional.of("endpoint acme/zen: key zen: malformed");
    assertThat(code(backup(), PASSPHRASE, PLAIN)).as("nothing of it is new").isEqualTo("done");
    done(custodian.revoke(ACTOR, ORDERS, 1));
    assertThat(code(backupOf("canary-other"), PASSPHRASE, ANY)).isEqualTo("value_unfit");
    assertThat(history().versions()).hasSameSizeAs(before.versions());
  }

  @Test
  void moreThanABackupTakes_isRefusedBeforeAnythingIsOpened() {
    store.change(
        Name.SYSTEM,
        shelf -> {
          SecretRecord secret = shelf.create(ORDERS.name(), SecretType.SIGNING);
          VersionHistory history = secret.history();
          for (int i = 0; i <= BackupForm.MAX_VERSIONS; i++) {
            long version = shelf.nextVersion();
            VersionHistory next =
                after(
                    history,
                    new VersionHistory.Verb.Restore(version, new VersionState.Retired(now)));
            SealedSecret sealed = new SealedSecret("AES256_GCM", "k", new byte[60], new byte[60]);
            if (i == 0) {
              database.wrapLedger().reserve("k", 1);
            }
            shelf.write(ORDERS.name(), history, next, Optional.of(sealed));
            history = next;
          }
          return true;
        });
    trail.clear();
    assertThat(export(HERE, PASSPHRASE)).isInstanceOf(SecretExport.Answer.Refused.class);
    assertThat(trail.lines())
        .containsExactly("system secret.export tenant/system FAILED backup_too_large");
  }
}
