package io.zenmesh.extproc.receipts;

import static io.zenmesh.extproc.receipts.TestReceipts.drained;
import static io.zenmesh.extproc.receipts.TestReceipts.files;
import static io.zenmesh.extproc.receipts.TestReceipts.receipts;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random damage to a spool: what comes back was written, in order, up to the damage at least. */
class SpoolFuzzTest {
  private static final int RECORDS = 40;

  @TempDir Path directory;

  private static byte[] written() {
    ByteBuffer out = ByteBuffer.allocate(RECORDS * SpoolFormat.MAX_RECORD);
    List<Receipt> receipts = receipts(0, RECORDS);
    for (int i = 0; i < RECORDS; i++) {
      SpoolFormat.write(new Numbered(i + 1, receipts.get(i)), out);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** Where the record begins that holds this byte, counted in records. */
  private static int recordAt(byte[] bytes, int position) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int record = 0;
    int at = 0;
    while (at < bytes.length && at + SpoolFormat.HEAD_BYTES + in.getInt(at) <= position) {
      at += SpoolFormat.HEAD_BYTES + in.getInt(at);
      record++;
    }
    return record;
  }

  private static byte[] damaged(byte[] whole, int from, Random random) {
    byte[] bytes = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> bytes[from] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        byte[] noise = new byte[Math.min(1 + random.nextInt(64), bytes.length - from)];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, from, noise.length);
      }
      case 2 -> bytes = Arrays.copyOf(bytes, from);
      default -> Arrays.fill(bytes, from, bytes.length, (byte) 0);
    }
    return bytes;
  }

  @Test
  void damageAnywhere_losesNothingBeforeIt_andInventsNothing() {
    byte[] whole = written();
    List<Receipt> receipts = receipts(0, RECORDS);
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      int from = random.nextInt(whole.length);
      byte[] bytes = damaged(whole, from, random);
      SpoolFormat.Page page = SpoolFormat.read(ByteBuffer.wrap(bytes), RECORDS, true);
      List<Receipt> read = page.receipts().stream().map(it -> it.decode().receipt()).toList();
      assertThat(read)
          .as("seed 7, round %s", round)
          .hasSizeGreaterThanOrEqualTo(recordAt(whole, from))
          .isEqualTo(receipts.subList(0, read.size()));
      assertThat(page.broken() || page.bytes() == bytes.length).isTrue();
    }
  }

  @Test
  void noise_isNoReceipt() {
    Random random = new Random(11);
    for (int round = 0; round < 20_000; round++) {
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      assertThat(SpoolFormat.read(ByteBuffer.wrap(noise), RECORDS, true).receipts())
          .as("seed 11, round %s", round)
          .isEmpty();
    }
  }

  @Test
  void recordsTwiceOrSwapped_areNotBelieved() {
    byte[] whole = written();
    int first = SpoolFormat.HEAD_BYTES + ByteBuffer.wrap(whole).getInt(0);
    byte[] twice = new byte[first + whole.length];
    System.arraycopy(whole, 0, twice, 0, first);
    System.arraycopy(whole, 0, twice, first, whole.length);
    SpoolFormat.Page page = SpoolFormat.read(ByteBuffer.wrap(twice), RECORDS, true);
    assertThat(page.receipts()).hasSize(1);
    assertThat(page.broken()).isTrue();
  }

  @Test
  void damagedFiles_doNotStopTheOnesBehindThem() throws IOException {
    Random random = new Random(13);
    for (int round = 0; round < 40; round++) {
      Path spool = directory.resolve("spool-" + round);
      try (Spool first = Spool.open(spool, 1 << 20)) {
        assertThat(first.append(receipts(0, RECORDS), 1 << 20)).isEqualTo(RECORDS);
      }
      Path file = files(spool).getFirst();
      byte[] whole = Files.readAllBytes(file);
      int from = random.nextInt(whole.length);
      Files.write(file, damaged(whole, from, random));
      try (Spool second = Spool.open(spool, 1 << 20)) {
        assertThat(second.append(receipts(100, 110), 1 << 20)).isEqualTo(10);
        List<Receipt> all = drained(second);
        assertThat(all)
            .as("seed 13, round %s", round)
            .endsWith(receipts(100, 110).toArray(new Receipt[0]));
        assertThat(all.size()).isGreaterThanOrEqualTo(recordAt(whole, from) + 10);
        assertThat(receipts(0, RECORDS)).containsAll(all.subList(0, all.size() - 10));
      }
    }
  }
}
