package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.Checkpoint;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.TamperedRecord;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.ExportReader;
import io.zenmesh.controlplane.audit.verify.Fault;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Twelve ways to tamper, each at 1,000 random places of a record that a real database wrote. Each
 * must be found, and found where it was done: at the entry, or, where only a checkpoint can tell,
 * in the stretch between two of them.
 */
@ExtendWith(PostgresExtension.class)
class AuditTamperTest {
  private static final int TIMES = 1_000;
  private static final int ROUNDS = 30;
  private static final int EACH = 5;

  /** Entries between two checkpoints. */
  private static final int INTERVAL = 2 * EACH;

  private static final TamperedRecord CLEAN = new TamperedRecord();
  private static final List<SignedCheckpoint> CHECKPOINTS = new ArrayList<>();

  @BeforeAll
  static void record() throws IOException {
    try (Database database = Database.open(TestPostgres.freshDatabase());
        GroupCommitTrail trail = new GroupCommitTrail(database.auditStore(Clock.systemUTC()));
        SecretBytes key = TestEvents.seed()) {
      String log = database.auditReader().reading(AuditView::log);
      CheckpointSigner signer = CheckpointSigner.of(log, key);
      MerkleLog tree = new MerkleLog(database.logStore());
      for (int round = 0; round < ROUNDS; round++) {
        for (Name chain : List.of(TestEvents.ACME, TestEvents.GLOBEX)) {
          for (int i = 0; i < EACH; i++) {
            trail.record(TestEvents.event(chain, round * EACH + i));
          }
        }
        assertThat(database.logStore().integrate(1_000)).isEqualTo(INTERVAL);
        database.logStore().from(tree.size(), tree::append);
        SignedCheckpoint note =
            SignedCheckpoint.parse(signer.sign(new Checkpoint(log, tree.size(), tree.root())));
        assertThat(note.signedBy(List.of(VerifierKey.parse(signer.verifierKey())))).isTrue();
        CHECKPOINTS.add(note);
      }
      ByteArrayOutputStream export = new ByteArrayOutputStream();
      database
          .auditReader()
          .reading(view -> {
            AuditExport.write(view, Optional.empty(), Optional.empty(), export);
            return true;
          });
      ExportReader.read(new ByteArrayInputStream(export.toByteArray()), CLEAN::take);
    }
  }

  private static RecordVerifier.Report verify(TamperedRecord record) {
    RecordVerifier verifier = new RecordVerifier(CHECKPOINTS);
    record.items().forEach(verifier::accept);
    return verifier.finish();
  }

  @Test
  void cleanRecord_isWhole() {
    RecordVerifier.Report report = verify(CLEAN);
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(ROUNDS * INTERVAL);
    assertThat(report.covered()).isEqualTo(ROUNDS * INTERVAL);
    assertThat(report.checkpoints()).isEqualTo(ROUNDS);
  }

  @ParameterizedTest
  @EnumSource
  void A01_A02_A03_A04_A05_A06_A07_A08_A09_A10_A11_A12_F33_tampering_isFoundWhereItWasDone(
      TamperedRecord.Operator operator) {
    Random random = new Random(33);
    for (int i = 0; i < TIMES; i++) {
      TamperedRecord record = CLEAN.copy();
      TamperedRecord.Place place = record.tamper(operator, random);
      List<Fault> faults = verify(record).faults();
      assertThat(faults).as(operator + " " + i + " at " + place).isNotEmpty();
      assertThat(faults)
          .as(operator + " " + i + " at " + place)
          .anyMatch(fault -> locates(fault, place));
    }
  }

  private static boolean locates(Fault fault, TamperedRecord.Place place) {
    return switch (fault) {
      case Fault.AtEntry(String chain, long seq, String _) ->
          chain.equals(place.chain()) && seq == place.seq();
      case Fault.InLog(long from, long to, String _) ->
          from <= place.position()
              && place.position() <= to
              && (to - from < INTERVAL || from == place.position());
      case Fault.Outside outside -> place.position() < 0;
    };
  }
}
