package io.zenmesh.extproc.receipts;

import static io.zenmesh.extproc.receipts.TestReceipts.drained;
import static io.zenmesh.extproc.receipts.TestReceipts.files;
import static io.zenmesh.extproc.receipts.TestReceipts.receipt;
import static io.zenmesh.extproc.receipts.TestReceipts.receipts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final long MOST = 8L * 1024 * 1024;

  @TempDir Path directory;

  private Spool open() throws IOException {
    return Spool.open(directory.resolve("spool"), MOST);
  }

  /** Appends as a writer does: as many at once as the spool takes. */
  private static void append(Spool spool, List<Receipt> receipts) throws IOException {
    List<Receipt> rest = receipts;
    while (!rest.isEmpty()) {
      rest = rest.subList(spool.append(rest, MOST), rest.size());
    }
  }

  @Test
  void receipts_comeBackInOrder_andAreGoneOnceRemoved() throws IOException {
    try (Spool spool = open()) {
      append(spool, receipts(0, 5_000));
      assertThat(drained(spool)).isEqualTo(receipts(0, 5_000));
      assertThat(spool.take(ReceiptObserver.NONE)).isEmpty();
      append(spool, receipts(5_000, 5_001));
      assertThat(drained(spool)).isEqualTo(receipts(5_000, 5_001));
    }
  }

  @Test
  void batchThatIsNotRemoved_isTakenAgain_theSame() throws IOException {
    try (Spool spool = open()) {
      append(spool, receipts(0, 10));
      Optional<EncodedReceipts> first = spool.take(ReceiptObserver.NONE);
      append(spool, receipts(10, 20));
      assertThat(spool.take(ReceiptObserver.NONE)).isEqualTo(first);
    }
  }

  @Test
  void restart_bringsWhatWasNotRemoved_underTheSameNumbers_andNeverUsesOneAgain()
      throws IOException {
    EncodedReceipts before;
    try (Spool spool = open()) {
      append(spool, receipts(0, 10));
      before = spool.take(ReceiptObserver.NONE).orElseThrow();
    }
    try (Spool spool = open()) {
      append(spool, receipts(10, 20));
      assertThat(spool.take(ReceiptObserver.NONE)).hasValue(before);
      spool.removeTaken();
      EncodedReceipts after = spool.take(ReceiptObserver.NONE).orElseThrow();
      assertThat(after.spool()).isEqualTo(before.spool());
      assertThat(after.receipts().getFirst().number()).isGreaterThan(before.last() + (1L << 31));
    }
  }

  @Test
  void spoolWhoseFilesWereTakenAway_isAnother() throws IOException {
    String before;
    try (Spool spool = open()) {
      append(spool, receipts(0, 3));
      before = spool.take(ReceiptObserver.NONE).orElseThrow().spool();
    }
    for (Path file : files(directory.resolve("spool"))) {
      Files.delete(file);
    }
    try (Spool spool = open()) {
      append(spool, receipts(3, 4));
      assertThat(spool.take(ReceiptObserver.NONE).orElseThrow().spool()).isNotEqualTo(before);
    }
  }

  @Test
  void restart_afterEverythingWasRemoved_doesNotUseNumbersAgain() throws IOException {
    long last;
    try (Spool spool = open()) {
      append(spool, receipts(0, 3));
      last = spool.take(ReceiptObserver.NONE).orElseThrow().last();
      spool.removeTaken();
    }
    try (Spool spool = open()) {
      append(spool, receipts(3, 4));
      EncodedReceipts next = spool.take(ReceiptObserver.NONE).orElseThrow();
      next = next.last() > last ? next : again(spool);
      assertThat(next.receipts().getFirst().number()).isGreaterThan(last);
    }
  }

  /** What the end before had removed may come once more: it is recorded once. */
  private static EncodedReceipts again(Spool spool) throws IOException {
    spool.removeTaken();
    return spool.take(ReceiptObserver.NONE).orElseThrow();
  }

  @Test
  void tornEnd_costsOnlyItself() throws IOException {
    try (Spool spool = open()) {
      append(spool, receipts(0, 10));
    }
    Path file = files(directory.resolve("spool")).getFirst();
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));
    AtomicLong unreadable = new AtomicLong();
    try (Spool spool = open()) {
      append(spool, receipts(10, 12));
      List<Receipt> all = new ArrayList<>();
      ReceiptObserver observer =
          new ReceiptObserver() {
            @Override
            public void unreadable(long bytes) {
              unreadable.addAndGet(bytes);
            }
          };
      for (Optional<EncodedReceipts> batch = spool.take(observer);
          batch.isPresent();
          batch = spool.take(observer)) {
        all.addAll(TestReceipts.of(batch.get()));
        spool.removeTaken();
      }
      List<Receipt> expected = new ArrayList<>(receipts(0, 9));
      expected.addAll(receipts(10, 12));
      assertThat(all).isEqualTo(expected);
    }
    assertThat(unreadable.get()).isPositive();
  }

  @Test
  void bound_isNeverPassed_andRoomComesBack() throws IOException {
    try (Spool spool = open()) {
      int kept = 0;
      for (int more = spool.append(receipts(0, 400), MOST); more > 0; ) {
        kept += more;
        more = spool.append(receipts(kept, kept + 400), MOST);
      }
      long onDisk = 0;
      for (Path file : files(directory.resolve("spool"))) {
        onDisk += Files.size(file);
      }
      assertThat(onDisk).isEqualTo(spool.bytes()).isBetween(MOST - 2_000, MOST);
      assertThat(drained(spool)).isEqualTo(receipts(0, kept));
      assertThat(spool.bytes()).isLessThan(Spool.SEGMENT_BYTES);
      assertThat(spool.append(List.of(receipt(kept)), MOST)).isEqualTo(1);
    }
  }

  /** Else a reader would wait for the rest of a record that no writer makes. */
  @Test
  void lengthThatNoRecordHas_isDamage_notTheNextPages() {
    for (int length : new int[] {0, -1, SpoolFormat.MAX_RECORD - SpoolFormat.HEAD_BYTES + 1}) {
      ByteBuffer in = ByteBuffer.allocate(SpoolFormat.HEAD_BYTES).putInt(0, length);
      assertThat(SpoolFormat.read(in, 10, false))
          .isEqualTo(new SpoolFormat.Page(List.of(), 0, true));
    }
  }

  @Test
  void secondProcess_isRefused() throws IOException {
    try (Spool spool = open()) {
      assertThatThrownBy(this::open).hasMessageContaining("in use (expected: one processor");
      assertThat(spool.bytes()).isZero();
    }
    open().close();
  }

  @Test
  void newDirectory_isANewSpool() throws IOException {
    String first;
    try (Spool spool = open()) {
      append(spool, receipts(0, 1));
      first = spool.take(ReceiptObserver.NONE).orElseThrow().spool();
    }
    try (Spool other = Spool.open(directory.resolve("other"), MOST)) {
      append(other, receipts(0, 1));
      assertThat(other.take(ReceiptObserver.NONE).orElseThrow().spool()).isNotEqualTo(first);
    }
  }

  @Test
  void directoryOfSomethingElse_isRefused() throws IOException {
    Path spool = Files.createDirectory(directory.resolve("spool"));
    Files.writeString(spool.resolve("spool"), "something else\n", StandardOpenOption.CREATE);
    assertThatThrownBy(this::open).hasMessageContaining("not a spool's");
  }
}
