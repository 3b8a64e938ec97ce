package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.ArchiveFolder;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.AuditBrokenException;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.CheckpointStart;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.SegmentStore;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archiving and pruning: acme keeps 90 days, globex everything. */
class AuditRetentionTest extends AuditRetentionFixture {
  /** As another control plane would, whose checkpoints nobody here trusts. */
  private void archiveUnderAnotherKey() {
    String log = database.auditReader().reading(AuditView::log);
    try (SecretBytes other = TestEvents.seed();
        CheckpointKeeper keeper =
            new CheckpointKeeper(
                database.logStore(),
                new CheckpointFiles(folder.resolve("elsewhere")),
                CheckpointSigner.of(log, other),
                log,
                new MerkleLog(database.logStore()));
        Archivist archivist =
            new Archivist(
                new Archivist.Parts(
                    database::retentions,
                    database.auditReader(),
                    new Dying(database.segmentStore(), false),
                    keeper,
                    trail,
                    new ArchiveFolder(folder.resolve("archive")),
                    Clock.systemUTC()),
                MOST)) {
      keeper.start();
      archivist.run();
    }
  }

  @Test
  void A16_oldEntries_areArchivedThenPruned_andTheChainVerifiesAcrossTheCut()
      throws IOException, SQLException {
    fill();
    archive();
    assertThat(archives())
        .extracting(it -> folder.resolve("archive").relativize(it).toString())
        .containsExactly(
            "acme/0000000000000000001-0000000000000000010.jsonl.gz",
            "acme/0000000000000000011-0000000000000000020.jsonl.gz",
            "acme/0000000000000000021-0000000000000000025.jsonl.gz");
    for (Path file : archives()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isZero();
    assertThat(count("audit_entry where chain = 'acme'")).isEqualTo(5 + 3);
    assertThat(count("audit_entry where action = 'audit.archive' and actor_id = 'retention'"))
        .isEqualTo(3);
    assertThat(count("audit_entry where chain = 'globex'")).isEqualTo(7);
    assertThat(count("audit_leaf where chain = 'acme' and seq <= 25")).isEqualTo(25);
    // What is recorded after the cut is tied to it, and the log goes on as if nothing had gone.
    record(TestEvents.ACME, 30, 33, 0);
    keeper().close();
    RecordVerifier.Report report = verify(Optional.of(TestEvents.ACME));
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(5 + 3 + 3);
    assertThat(report.covered()).isEqualTo(25 + 5 + 7 + 3 + 3);
    assertThat(verify(Optional.empty()).faults()).isEmpty();
  }

  @Test
  void youngEntries_stay_andADayIsGathered() throws IOException, SQLException {
    record(TestEvents.ACME, 0, 5, 90);
    archive();
    assertThat(archives()).isEmpty();
    asSuperuser("update tenant set audit_retention_days = 88 where name = 'acme'");
    archive();
    assertThat(archives()).hasSize(1);
    // The newest stays, however old: the chain has an end that the next one is tied to.
    assertThat(count("audit_entry where chain = 'acme'")).isEqualTo(2);
  }

  @Test
  void F16_A06_start_stillProvesAPrunedRecord_andRefusesAChangedOne() throws SQLException {
    fill();
    archive();
    String log = database.auditReader().reading(AuditView::log);
    assertThat(
            CheckpointStart.prove(
                files(), log, database.logStore(), new MerkleLog(database.logStore()), false))
        .isEqualTo(CheckpointStart.Found.PROVED);
    asSuperuser(
        "alter table audit_leaf disable trigger stays;"
            + " update audit_leaf set hash = sha256(hash) where chain = 'acme' and seq = 3;"
            + " alter table audit_leaf enable trigger stays");
    assertThatThrownBy(() ->
            CheckpointStart.prove(
                files(), log, database.logStore(), new MerkleLog(database.logStore()), false))
        .isInstanceOf(AuditBrokenException.class)
        .hasMessageContaining("has another root than the first");
  }

  @Test
  void archive_isOnRecordBeforeAnythingGoes() throws SQLException, IOException {
    fill();
    AuditTrail full =
        events -> {
          throw new AuditUnavailableException("audit: full", new IllegalStateException());
        };
    archive(database.segmentStore(), full);
    assertThat(archives()).hasSize(1);
    assertThat(count("audit_entry")).isEqualTo(37);
    assertThat(count("audit_cut")).isZero();
  }

  /** Where a crash may cut a pass off. */
  private enum Crash {
    WHILE_WRITING,
    BEFORE_RECORD,
    BEFORE_PRUNE,
    AFTER_PRUNE
  }

  @ParameterizedTest
  @EnumSource
  void A16_crashAtAnyStep_isDoneAgainWithoutHarm(Crash crash) throws IOException, SQLException {
    fill();
    SegmentStore store = database.segmentStore();
    switch (crash) {
      case WHILE_WRITING -> {
        Path acme = Files.createDirectory(folder.resolve("archive").resolve("acme"));
        Files.writeString(
            acme.resolve("0000000000000000001-0000000000000000010.jsonl.gz.new"), "torn");
      }
      case BEFORE_RECORD ->
          archive(
              store,
              events -> {
                throw new AuditUnavailableException("crash", new IllegalStateException());
              });
      case BEFORE_PRUNE -> archive(new Dying(store, false), trail);
      case AFTER_PRUNE -> archive(new Dying(store, true), trail);
    }
    assertThat(verifyLeft(crash)).isTrue();
    List<Path> left = archives();
    archive();
    assertThat(archives()).hasSize(3);
    if (crash != Crash.WHILE_WRITING) {
      assertThat(archives()).containsAll(left);
    }
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isZero();
    keeper().close();
    assertThat(verify(Optional.empty()).faults()).isEmpty();
  }

  private boolean verifyLeft(Crash crash) throws IOException {
    return crash == Crash.WHILE_WRITING || verify(Optional.empty()).faults().isEmpty();
  }

  @Test
  void A16_archiveSignedByAnother_keepsTheEntries() throws IOException, SQLException {
    fill();
    archiveUnderAnotherKey();
    assertThat(archives()).hasSize(1);
    archive();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
    assertThat(count("audit_cut")).isZero();
  }

  @Test
  void A16_archiveFolderThatIsMissing_isNotMade_andTheEntriesStay()
      throws IOException, SQLException {
    fill();
    Files.delete(folder.resolve("archive"));
    archive();
    assertThat(folder.resolve("archive")).doesNotExist();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
  }

  @ParameterizedTest
  @ValueSource(strings = {"damaged", "foreign", "short"})
  void A16_archiveThatIsNotWhole_keepsTheEntries(String kind) throws IOException, SQLException {
    fill();
    archive(new Dying(database.segmentStore(), false), trail);
    Path file = archives().getFirst();
    switch (kind) {
      case "damaged" -> {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
      case "foreign" -> {
        record(TestEvents.GLOBEX, 7, 20, 95);
        asSuperuser("update tenant set audit_retention_days = 90 where name = 'globex'");
        asSuperuser("update tenant set audit_retention_days = null where name = 'acme'");
        archive(new Dying(database.segmentStore(), false), trail);
        asSuperuser("update tenant set audit_retention_days = 90 where name = 'acme'");
        Files.write(file, Files.readAllBytes(archives().getLast()));
      }
      default -> Files.write(file, new byte[0]);
    }
    archive();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
    assertThat(count("audit_cut where chain = 'acme'")).isZero();
  }
}
