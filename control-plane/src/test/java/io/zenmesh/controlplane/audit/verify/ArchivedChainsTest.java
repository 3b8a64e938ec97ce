package io.zenmesh.controlplane.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.TestRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Archives that are good by themselves and not together, and those that are not good. */
class ArchivedChainsTest {
  private static final TestRecord WHOLE = TestRecord.of(30, 10, 40);

  private static Archive read(byte[] file) {
    return Archive.read(new ByteArrayInputStream(file), List.of(), List.of());
  }

  private static Archive good(TestRecord record, long from, long to) throws IOException {
    Archive archive = read(record.archive(TestEvents.ACME, from, to));
    assertThat(archive.faults()).isEmpty();
    return archive;
  }

  private static List<Fault> joined(Archive... archives) {
    return new ArchivedChains(Stream.of(archives).toList()).faults();
  }

  private static Fault at(long seq, String what) {
    return new Fault.AtEntry("acme", seq, what);
  }

  @Test
  void archivesInWhateverOrder_areOneChain() throws IOException {
    assertThat(joined(good(WHOLE, 9, 20), good(WHOLE, 5, 12), good(WHOLE, 1, 8))).isEmpty();
  }

  @Test
  void A16_gapBetweenTwo_isNamed_evenBehindTheCut() throws IOException {
    assertThat(joined(good(WHOLE, 1, 8), good(WHOLE, 15, 20)))
        .containsExactly(at(9, "missing (expected: in an archive)"));
  }

  @Test
  void A16_archiveOfAnotherHistory_isNotTiedToTheOneBefore() throws IOException {
    TestRecord other = TestRecord.forked(30, 10, 40, 3);
    assertThat(joined(good(WHOLE, 1, 8), good(other, 9, 20)))
        .containsExactly(at(9, "is not tied to the entry that the archive before has"));
  }

  @Test
  void A16_twoArchivesOfOneEntry_thatDiffer_areNamedAtIt() throws IOException {
    TestRecord other = TestRecord.forked(30, 10, 40, 6);
    assertThat(joined(good(WHOLE, 1, 8), good(other, 5, 12)))
        .containsExactly(at(6, "is another one in another archive"));
  }

  @Test
  void A16_cutAtAnotherEntryThanTheArchives_isNamed() throws IOException {
    Hash archived = good(WHOLE, 1, 20).hashes().get(20);
    ExportItem.Cut cut = new ExportItem.Cut("acme", 20, archived);
    assertThat(new ArchivedChains(List.of(good(WHOLE, 1, 20))).atCut(cut)).isEmpty();
    TestRecord other = TestRecord.forked(30, 10, 40, 18);
    assertThat(new ArchivedChains(List.of(good(other, 1, 20))).atCut(cut))
        .hasValue(at(20, "is not the entry that its archive has"));
  }

  @Test
  void A16_entryWithoutAPlaceInTheLog_isNamed() throws IOException {
    byte[] file = WHOLE.archive(TestEvents.ACME, 1, 25, 20, Optional.of(WHOLE.firstNote()));
    assertThat(read(file).faults()).containsExactly(at(21, "has no place in the log"));
  }

  @Test
  void A16_archiveWithoutCheckpoint_isNotGood() throws IOException {
    byte[] file = WHOLE.archive(TestEvents.ACME, 1, 8, 40, Optional.empty());
    assertThat(read(file).faults())
        .containsExactly(new Fault.Outside("no checkpoint (expected: the one that covers it)"));
  }

  @Test
  void A16_exportOfTwoChains_isNoArchive() {
    assertThat(read(WHOLE.export()).faults())
        .contains(new Fault.AtEntry("globex", 1, "is of another chain"));
  }
}
