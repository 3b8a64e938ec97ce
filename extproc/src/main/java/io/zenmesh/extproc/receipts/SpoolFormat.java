package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.wire.EncodedReceipt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The bytes of a spool: records one after the other, each its length (4 bytes, big-endian), the
 * CRC-32C of length and content (4 bytes), and the content. Pure.
 *
 * <p>A reader takes the records that are whole. After the first that is not, nothing is believed:
 * there is no telling where the next one begins.
 */
final class SpoolFormat {
  static final int HEAD_BYTES = 8;

  /** The most bytes of a record. */
  static final int MAX_RECORD = HEAD_BYTES + EncodedReceipt.MAX_BYTES;

  private SpoolFormat() {}

  /**
   * What was read.
   *
   * @param bytes how many bytes these receipts take
   * @param broken whether what follows is no record
   */
  record Page(List<EncodedReceipt> receipts, int bytes, boolean broken) {}

  /**
   * Appends a record.
   *
   * @throws IllegalArgumentException when the receipt is longer than any can be
   */
  static void write(Numbered receipt, ByteBuffer out) {
    int start = out.position();
    ByteBuffer content = out.slice(start + HEAD_BYTES, EncodedReceipt.MAX_BYTES);
    EncodedReceipt.write(receipt, content);
    int length = content.position();
    out.putInt(length).putInt(crc(length, content.flip())).position(start + HEAD_BYTES + length);
  }

  /**
   * Reads records from the buffer's position on. The receipts are parts of the buffer, which must
   * not change any more.
   *
   * @param end whether nothing follows the buffer: then a record cut off is broken, else it is the
   *     next page's
   */
  static Page read(ByteBuffer in, int most, boolean end) {
    List<EncodedReceipt> receipts = new ArrayList<>();
    long last = 0;
    int start = in.position();
    while (receipts.size() < most && in.hasRemaining()) {
      int at = in.position();
      boolean headCut = in.remaining() < HEAD_BYTES;
      int length = headCut ? 0 : in.getInt(at);
      boolean sound = headCut || (length > 0 && length <= EncodedReceipt.MAX_BYTES);
      if (sound && (headCut || in.remaining() - HEAD_BYTES < length)) {
        return new Page(receipts, at - start, end);
      }
      if (!sound || !take(in, at, length, last, receipts)) {
        return new Page(receipts, at - start, true);
      }
      last = receipts.getLast().number();
      in.position(at + HEAD_BYTES + length);
    }
    return new Page(receipts, in.position() - start, false);
  }

  private static boolean take(
      ByteBuffer in, int at, int length, long last, List<EncodedReceipt> receipts) {
    ByteBuffer content = in.slice(at + HEAD_BYTES, length);
    if (in.getInt(at + Integer.BYTES) != crc(length, content.duplicate())) {
      return false;
    }
    try {
      EncodedReceipt receipt = EncodedReceipt.of(content);
      return receipt.number() > last && receipts.add(receipt);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int crc(int length, ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(length >>> 24);
    crc.update(length >>> 16);
    crc.update(length >>> 8);
    crc.update(length);
    crc.update(content);
    return (int) crc.getValue();
  }
}
