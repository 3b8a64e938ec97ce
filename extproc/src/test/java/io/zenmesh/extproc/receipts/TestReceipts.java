package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Receipts to write, and what a spool says of them. */
final class TestReceipts {
  private TestReceipts() {}

  static Receipt receipt(int number) {
    return new Receipt(
        EndpointRef.parse("acme/orders"),
        number % 3 == 0 ? Outcome.REFUSED : Outcome.ACCEPTED,
        number % 3 == 0 ? "signature_mismatch" : "",
        "request-" + number,
        "event-" + number,
        1_764_000_000_000_000L + number);
  }

  static List<Receipt> receipts(int from, int to) {
    return IntStream.range(from, to).mapToObj(TestReceipts::receipt).toList();
  }

  static List<Receipt> of(EncodedReceipts batch) {
    return batch.receipts().stream().map(it -> it.decode().receipt()).toList();
  }

  /** Takes and removes until nothing waits. */
  static List<Receipt> drained(Spool spool) throws IOException {
    List<Receipt> all = new ArrayList<>();
    while (true) {
      Optional<EncodedReceipts> batch = spool.take(ReceiptObserver.NONE);
      if (batch.isEmpty()) {
        return all;
      }
      all.addAll(of(batch.get()));
      spool.removeTaken();
    }
  }

  /** The files of a spool, oldest first. */
  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(it -> it.toString().endsWith(".receipts")).sorted().toList();
    }
  }
}
