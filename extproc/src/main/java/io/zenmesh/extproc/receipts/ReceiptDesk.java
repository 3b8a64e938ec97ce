package io.zenmesh.extproc.receipts;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A processor's receipts: written to a spool, and delivered from there. Thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A receipt leaves the spool only when it is on record. A receipt holds ids and codes, nothing
 * else of a request.
 */
public final class ReceiptDesk implements AutoCloseable {
  private final Spool spool;
  private final SpoolWriter writer;
  private final SpoolSender sender;

  private ReceiptDesk(Spool spool, SpoolWriter writer, SpoolSender sender) {
    this.spool = spool;
    this.writer = writer;
    this.sender = sender;
  }

  /**
   * Opens the spool; {@link #start} begins to write and to deliver.
   *
   * @param directory no other process's
   * @param mostBytes of the spool
   * @throws IOException when the directory cannot be used
   */
  public static ReceiptDesk open(
      Path directory, long mostBytes, Delivery delivery, ReceiptObserver observer)
      throws IOException {
    Spool spool = Spool.open(directory, mostBytes);
    return new ReceiptDesk(
        spool,
        new SpoolWriter(spool, mostBytes, observer),
        new SpoolSender(spool, delivery, observer));
  }

  /** Where receipts are handed in. */
  public ReceiptBook book() {
    return writer;
  }

  /** How full it is, for operators. */
  public String state() {
    return writer.state();
  }

  public void start() {
    writer.start();
    sender.start();
  }

  /** Writes what was handed in; what is not delivered yet is after the next start. */
  @Override
  public void close() throws IOException {
    writer.close();
    sender.close();
    spool.close();
  }
}
