package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.AuditBrokenException;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.CheckpointStart;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportReader;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.TreeVerifier;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Log, checkpoints and export of a real database. */
@ExtendWith(PostgresExtension.class)
class AuditCheckpointTest {
  /** One control plane's part of the record. */
  private static final class Station implements AutoCloseable {
    private final Database database;
    private final GroupCommitTrail trail;
    private final MerkleLog tree;

    Station(PostgresAddress address) {
      database = Database.open(address);
      trail = new GroupCommitTrail(database.auditStore(Clock.systemUTC()));
      tree = new MerkleLog(database.logStore());
    }

    String log() {
      return database.auditReader().reading(AuditView::log);
    }

    CheckpointStart.Found prove(CheckpointFiles files, boolean acceptMissing) {
      return CheckpointStart.prove(files, log(), database.logStore(), tree, acceptMissing);
    }

    CheckpointKeeper keeper(CheckpointFiles files, SecretBytes key) {
      String log = log();
      CheckpointSigner signer = CheckpointSigner.of(log, key);
      CheckpointKeeper keeper = new CheckpointKeeper(database.logStore(), files, signer, log, tree);
      keeper.start();
      return keeper;
    }

    void record(Name chain, int from, int to) {
      trail.record(
          IntStream.range(from, to).<AuditEvent>mapToObj(i -> TestEvents.event(chain, i)).toList());
    }

    byte[] export(Optional<Name> only) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      database
          .auditReader()
          .reading(view -> {
            AuditExport.write(view, only, Optional.empty(), out);
            return true;
          });
      return out.toByteArray();
    }

    @Override
    public void close() {
      trail.close();
      database.close();
    }
  }

  @TempDir Path folder;
  private final SecretBytes key = TestEvents.seed();

  @AfterEach
  void end() {
    key.close();
  }

  private CheckpointFiles files() {
    return new CheckpointFiles(folder.resolve("audit"));
  }

  private List<SignedCheckpoint> history() throws IOException {
    return SignedCheckpoint.parseAll(Files.readString(files().history()));
  }

  private static RecordVerifier.Report verify(byte[] export, List<SignedCheckpoint> trusted)
      throws IOException {
    RecordVerifier verifier = new RecordVerifier(trusted);
    ExportReader.read(new ByteArrayInputStream(export), verifier::accept);
    return verifier.finish();
  }

  @Test
  void newRecord_hasACheckpointFromTheStart_andEveryOneContinuesTheLast() throws IOException {
    try (Station station = new Station(TestPostgres.freshDatabase())) {
      assertThat(station.prove(files(), false)).isEqualTo(CheckpointStart.Found.NEW);
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        assertThat(history()).extracting(SignedCheckpoint::size).containsExactly(0L);
        station.record(TestEvents.ACME, 0, 70);
        station.record(TestEvents.GLOBEX, 0, 5);
        keeper.recorded(CheckpointKeeper.ENTRIES);
      }
      station.record(TestEvents.ACME, 70, 80);
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        assertThat(keeper.newest()).isPresent();
        SignedCheckpoint newest = SignedCheckpoint.parse(keeper.newest().orElseThrow());
        SignedCheckpoint before = history().get(1);
        assertThat(newest.size()).isEqualTo(85);
        assertThat(before.size()).isEqualTo(75);
        TreeVerifier verifier = new TreeVerifier();
        assertThat(
                verifier.continues(
                    before.size(),
                    before.root(),
                    newest.size(),
                    newest.root(),
                    keeper.consistency(before.size()).orElseThrow().path()))
            .isTrue();
        assertThat(keeper.consistency(0)).isEmpty();
        assertThat(keeper.consistency(86)).isEmpty();
        assertThat(keeper.inclusion(85)).isEmpty();
        List<Hash> leaves = station.database.logStore().between(0, 85);
        assertThat(
                verifier.includes(
                    leaves.get(42),
                    42,
                    85,
                    keeper.inclusion(42).orElseThrow().path(),
                    newest.root()))
            .isTrue();
      }
      assertThat(verify(station.export(Optional.empty()), history()).faults()).isEmpty();
    }
  }

  @Test
  void restart_provesTheRecordAgainstItsCheckpoint() {
    PostgresAddress address = TestPostgres.freshDatabase();
    try (Station station = new Station(address)) {
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        station.record(TestEvents.ACME, 0, 200);
        assertThat(keeper.fault()).isEmpty();
      }
      // Not yet in the log when the process ends: more than the checkpoint covers is no fault.
      station.record(TestEvents.ACME, 200, 210);
    }
    try (Station again = new Station(address)) {
      assertThat(again.prove(files(), false)).isEqualTo(CheckpointStart.Found.PROVED);
      assertThat(again.tree.size()).isEqualTo(200);
    }
  }

  @Test
  void F16_A06_olderDatabase_isRefusedAtStart() {
    try (Station station = new Station(TestPostgres.freshDatabase());
        CheckpointKeeper keeper = station.keeper(files(), key)) {
      station.record(TestEvents.ACME, 0, 20);
      keeper.recorded(CheckpointKeeper.ENTRIES);
    }
    // A copy from before anything was recorded: the template has the same log's id.
    try (Station older = new Station(TestPostgres.freshDatabase())) {
      older.record(TestEvents.ACME, 0, 10);
      while (older.database.logStore().integrate(100) > 0) {}
      assertThatThrownBy(() -> older.prove(files(), true))
          .isInstanceOf(AuditBrokenException.class)
          .hasMessageContaining("covers 20 entries, the database holds 10")
          .hasMessageContaining("(expected: restore the newest, or move the folder away");
    }
  }

  @Test
  void A05_A07_recordWrittenAnew_isRefusedAtStart_andLocatedByTheHistory() throws IOException {
    try (Station station = new Station(TestPostgres.freshDatabase())) {
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        station.record(TestEvents.ACME, 0, 30);
        assertThat(keeper.newest()).isPresent();
      }
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        station.record(TestEvents.ACME, 30, 60);
        assertThat(keeper.newest()).isPresent();
      }
    }
    try (Station forged = new Station(TestPostgres.freshDatabase())) {
      forged.record(TestEvents.ACME, 0, 40);
      forged.record(TestEvents.ACME, 1_040, 1_060);
      while (forged.database.logStore().integrate(100) > 0) {}
      assertThatThrownBy(() -> forged.prove(files(), false))
          .isInstanceOf(AuditBrokenException.class)
          .hasMessageContaining("has another root than the first 60 entries of the database");
      // Its entries differ from the first on: their times do.
      assertThat(verify(forged.export(Optional.empty()), history()).faults())
          .singleElement()
          .asString()
          .isEqualTo(
              "log positions 0 to 29: written anew (expected: the root of the checkpoint of size"
                  + " 30)");
      assertThat(verify(forged.export(Optional.empty()), List.of()).faults()).isEmpty();
    }
  }

  @Test
  void F16_recordWithoutCheckpoint_isRefusedUnlessTaken() {
    try (Station station = new Station(TestPostgres.freshDatabase())) {
      station.record(TestEvents.ACME, 0, 1);
      assertThatThrownBy(() -> station.prove(files(), false))
          .isInstanceOf(AuditBrokenException.class)
          .hasMessageContaining("is missing and the database holds a record")
          .hasMessageContaining("--accept-missing-checkpoint");
      assertThat(station.prove(files(), true)).isEqualTo(CheckpointStart.Found.UNPROVED);
    }
  }

  @Test
  void A11_checkpointOfAnotherKey_isRefused() throws IOException {
    PostgresAddress address = TestPostgres.freshDatabase();
    try (Station station = new Station(address);
        CheckpointKeeper keeper = station.keeper(files(), key)) {
      assertThat(keeper.verifierKey()).startsWith(station.log());
      Files.writeString(files().verifierKeys(), "");
      assertThatThrownBy(() -> station.prove(files(), false))
          .isInstanceOf(AuditBrokenException.class)
          .hasMessageContaining("is not signed by a key of the folder");
    }
  }

  @Test
  void exportOfOneTenant_showsOthersAsHashesOnly_andVerifies() throws IOException {
    try (Station station = new Station(TestPostgres.freshDatabase())) {
      try (CheckpointKeeper keeper = station.keeper(files(), key)) {
        station.record(TestEvents.ACME, 0, 3);
        station.record(TestEvents.GLOBEX, 0, 4);
        assertThat(keeper.newest()).isPresent();
      }
      byte[] export = station.export(Optional.of(TestEvents.ACME));
      assertThat(new String(export, StandardCharsets.UTF_8)).doesNotContain("globex");
      RecordVerifier.Report report = verify(export, history());
      assertThat(report.faults()).isEmpty();
      assertThat(report.entries()).isEqualTo(3);
      assertThat(report.covered()).isEqualTo(7);
    }
  }

  @Test
  void twoProcesses_giveEveryEntryOnePlace() {
    PostgresAddress address = TestPostgres.freshDatabase();
    try (Station one = new Station(address);
        Station two = new Station(address)) {
      Thread other =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 50; i++) {
                  two.record(TestEvents.GLOBEX, 10 * i, 10 * i + 10);
                  two.database.logStore().integrate(7);
                }
              });
      for (int i = 0; i < 50; i++) {
        one.record(TestEvents.ACME, 10 * i, 10 * i + 10);
        one.database.logStore().integrate(7);
      }
      try {
        other.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      while (one.database.logStore().integrate(100) > 0) {}
      List<ClaimedLeaf> leaves = new ArrayList<>();
      List<ClaimedEntry> entries = new ArrayList<>();
      one.database
          .auditReader()
          .reading(view -> {
            view.leaves(0, Long.MAX_VALUE, leaves::add);
            view.entries(TestEvents.ACME, 0, Long.MAX_VALUE, entries::add);
            return true;
          });
      assertThat(leaves).hasSize(1_000);
      assertThat(leaves)
          .extracting(ClaimedLeaf::position)
          .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> (long) i).toList());
      assertThat(leaves)
          .filteredOn(leaf -> leaf.entry().orElseThrow().chain().equals("acme"))
          .extracting(ClaimedLeaf::hash)
          .isEqualTo(entries.stream().map(ClaimedEntry::hash).toList());
    }
  }
}
