package io.zenmesh.xds.wire;

import java.util.List;

/**
 * A {@link io.zenmesh.xds.model.ReceiptBatch} in wire form: what a spool delivers, without reading
 * more of it than the numbers. Immutable; its bounds are judged by who decodes it.
 *
 * @param spool random per spool
 */
public record EncodedReceipts(String spool, List<EncodedReceipt> receipts) {
  public EncodedReceipts {
    receipts = List.copyOf(receipts);
  }

  /**
   * The number of the last receipt.
   *
   * @throws java.util.NoSuchElementException when there is none
   */
  public long last() {
    return receipts.getLast().number();
  }
}
