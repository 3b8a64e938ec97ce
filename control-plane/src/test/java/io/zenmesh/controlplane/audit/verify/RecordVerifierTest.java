package io.zenmesh.controlplane.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditEntry;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.TestEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordVerifierTest {
  private static final int MANY = 1_000_000;
  private static final int INTERVAL = 1_000;

  private final List<Hash> hashes = new ArrayList<>();
  private final MerkleLog tree = new MerkleLog((from, to) -> hashes.subList((int) from, (int) to));
  private final List<SignedCheckpoint> checkpoints = new ArrayList<>();

  private void write(int length) {
    ChainHead head = ChainHead.empty(TestEvents.LOG, TestEvents.ACME);
    for (int i = 1; i <= length; i++) {
      head = head.after(entry(head, i));
      hashes.add(head.hash());
      tree.append(head.hash());
      if (i % INTERVAL == 0) {
        checkpoints.add(checkpoint(i));
      }
    }
  }

  private static AuditEntry entry(ChainHead head, int i) {
    return head.next(TestEvents.event(TestEvents.ACME, i), i);
  }

  private SignedCheckpoint checkpoint(long size) {
    return new SignedCheckpoint(TestEvents.LOG, size, tree.root(size), "", List.of());
  }

  private RecordVerifier.Report verify(int length) {
    RecordVerifier verifier = new RecordVerifier(checkpoints);
    verifier.accept(new ExportItem.Header(TestEvents.LOG));
    ChainHead head = ChainHead.empty(TestEvents.LOG, TestEvents.ACME);
    for (int i = 1; i <= length; i++) {
      AuditEntry entry = entry(head, i);
      verifier.accept(new ExportItem.Entry(TestEvents.claimed(entry)));
      head = head.after(entry);
    }
    for (int i = 0; i < hashes.size(); i++) {
      verifier.accept(leaf(i));
    }
    verifier.accept(new ExportItem.End(length, hashes.size()));
    return verifier.finish();
  }

  private ExportItem leaf(int position) {
    return new ExportItem.Leaf(
        new ClaimedLeaf(
            position,
            Optional.of(new ClaimedLeaf.Place("acme", position + 1L)),
            hashes.get(position)));
  }

  @Test
  void F33_millionCleanEntries_raiseNoAlarm() {
    write(MANY);
    RecordVerifier.Report report = verify(MANY);
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(MANY);
    assertThat(report.covered()).isEqualTo(MANY);
    assertThat(report.checkpoints()).isEqualTo(MANY / INTERVAL);
  }

  @Test
  void entriesYoungerThanTheLog_areNoFault() {
    write(2_500);
    hashes.subList(2_000, 2_500).clear();
    checkpoints.subList(2, checkpoints.size()).clear();
    RecordVerifier.Report report = verify(2_500);
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(2_500);
    assertThat(report.covered()).isEqualTo(2_000);
  }

  @Test
  void A02_entriesMissingAtTheEnd_whileTheLogHasThem_areNamedOnce() {
    write(2_000);
    assertThat(verify(1_500).faults())
        .containsExactly(new Fault.AtEntry("acme", 1_501, "missing (found: its log place)"));
  }

  @Test
  void A02_chainMissingWhole_whileTheLogHasIt_isNamedOnce() {
    write(2_000);
    assertThat(verify(0).faults())
        .containsExactly(new Fault.AtEntry("acme", 1, "missing (found: its log place)"));
  }

  @Test
  void A03_placesOfTheLogSwapped_areNamed() {
    write(2_000);
    RecordVerifier verifier = new RecordVerifier(List.of());
    verifier.accept(new ExportItem.Header(TestEvents.LOG));
    verifier.accept(leaf(0));
    verifier.accept(leaf(2));
    verifier.accept(leaf(1));
    verifier.accept(new ExportItem.End(0, 3));
    assertThat(verifier.finish().faults())
        .contains(new Fault.InLog(1, 1, "missing or out of place"));
  }

  @Test
  void A04_checkpointBeyondTheEnd_namesWhatIsMissingAndWhatIsUnproved() {
    write(2_000);
    hashes.subList(1_500, 2_000).clear();
    assertThat(verify(1_500).faults())
        .containsExactly(
            new Fault.InLog(1_000, 1_499, "vouched for by no checkpoint any more"),
            new Fault.InLog(1_500, 1_999, "missing (expected: as a checkpoint says)"));
  }

  @Test
  void linesAfterTheEnd_andWrongCounts_areFaults() {
    RecordVerifier verifier = new RecordVerifier(List.of());
    verifier.accept(new ExportItem.Header(TestEvents.LOG));
    verifier.accept(new ExportItem.End(1, 0));
    verifier.accept(new ExportItem.Header(TestEvents.LOG));
    assertThat(verifier.finish().faults())
        .extracting(Fault::toString)
        .containsExactly("export: goes on after its end", "export: 0 entries (expected: 1)");
  }
}
