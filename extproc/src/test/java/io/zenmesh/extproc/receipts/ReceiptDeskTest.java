package io.zenmesh.extproc.receipts;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static io.zenmesh.extproc.receipts.TestReceipts.receipt;
import static io.zenmesh.extproc.receipts.TestReceipts.receipts;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.receipts.ReceiptBook.Need;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptDeskTest {
  private static final long SMALL = 256 * 1024;

  @TempDir Path directory;
  private final List<Receipt> delivered = new CopyOnWriteArrayList<>();
  private volatile Optional<String> away = Optional.empty();
  private volatile boolean halfway;
  private final AtomicInteger attempts = new AtomicInteger();
  private final Counting counting = new Counting();

  /** Keeps the last words of the desk. */
  private static final class Counting implements ReceiptObserver {
    private final AtomicInteger dropped = new AtomicInteger();
    private volatile boolean full;

    @Override
    public void dropped(int count) {
      dropped.addAndGet(count);
    }

    @Override
    public void filled(long bytes, boolean now) {
      full = now;
    }
  }

  private long deliver(EncodedReceipts batch) throws IOException {
    attempts.incrementAndGet();
    if (away.isPresent()) {
      throw new IOException(away.get());
    }
    if (halfway) {
      halfway = false;
      return batch.last() - 1;
    }
    delivered.addAll(TestReceipts.of(batch));
    return batch.last();
  }

  private ReceiptDesk open() throws IOException {
    ReceiptDesk desk = ReceiptDesk.open(directory.resolve("spool"), SMALL, this::deliver, counting);
    desk.start();
    return desk;
  }

  private static void fill(ReceiptBook book) {
    int number = 0;
    while (book.room()) {
      book.add(receipt(number++), Need.WISHED);
      if (number % 500 == 0) {
        Thread.yield();
      }
      if (number > 200_000) {
        throw new AssertionError("still room");
      }
    }
  }

  @Test
  void receipt_isDelivered() throws IOException {
    try (ReceiptDesk desk = open()) {
      for (Receipt receipt : receipts(0, 100)) {
        assertThat(desk.book().add(receipt, Need.WISHED)).isTrue();
      }
      eventually("delivered", () -> delivered, it -> it.size() == 100);
    }
    assertThat(delivered).isEqualTo(receipts(0, 100));
  }

  @Test
  void batchThatIsNotWhollyOnRecord_isNotRemoved_andComesAgain() throws IOException {
    halfway = true;
    try (ReceiptDesk desk = open()) {
      assertThat(desk.book().add(receipt(0), Need.WISHED)).isTrue();
      eventually("delivered", () -> delivered, it -> it.size() == 1);
    }
    assertThat(delivered).isEqualTo(receipts(0, 1));
    assertThat(attempts.get()).isEqualTo(2);
  }

  @Test
  void A13_controlPlaneThatIsAway_getsEverythingLater_alsoAfterARestart() throws IOException {
    away = Optional.of("UNAVAILABLE");
    try (ReceiptDesk desk = open()) {
      for (Receipt receipt : receipts(0, 10)) {
        assertThat(desk.book().add(receipt, Need.WISHED)).isTrue();
      }
    }
    assertThat(delivered).isEmpty();
    away = Optional.empty();
    try (ReceiptDesk desk = open()) {
      assertThat(desk.state()).startsWith("ok: ");
      eventually("delivered", () -> delivered, it -> it.size() == 10);
    }
    assertThat(delivered).isEqualTo(receipts(0, 10));
  }

  @Test
  void A13_controlPlaneThatComesBack_getsEverything() throws IOException {
    away = Optional.of("UNAVAILABLE");
    try (ReceiptDesk desk = open()) {
      for (Receipt receipt : receipts(0, 10)) {
        assertThat(desk.book().add(receipt, Need.WISHED)).isTrue();
      }
      eventually("attempts", attempts::get, count -> count >= 2);
      away = Optional.empty();
      eventually("delivered", () -> delivered, it -> it.size() == 10);
    }
    assertThat(delivered).isEqualTo(receipts(0, 10));
  }

  @Test
  void A13_fullSpool_saysSo_keepsWhatIsOwed_andHasRoomAgainOnceDelivered() throws IOException {
    away = Optional.of("UNAVAILABLE");
    try (ReceiptDesk desk = open()) {
      ReceiptBook book = desk.book();
      fill(book);
      eventually("alarm", () -> counting.full, full -> full);
      assertThat(desk.state()).startsWith("full: ");
      int before = counting.dropped.get();
      assertThat(book.add(receipt(1), Need.WISHED)).isFalse();
      assertThat(counting.dropped.get()).isEqualTo(before + 1);
      Receipt owed =
          new Receipt(receipt(1).ref(), Receipt.Outcome.ACCEPTED, "", "owed-request", "event", 1);
      assertThat(book.add(owed, Need.OWED)).isTrue();
      away = Optional.empty();
      eventually("room", book::room, room -> room);
      eventually("the one owed", () -> delivered, it -> it.contains(owed));
    }
  }
}
