package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;

/** The way to the record. */
@FunctionalInterface
public interface Delivery {
  /**
   * Puts receipts on record; may block some seconds.
   *
   * @return the number up to which everything is on record
   * @throws IOException when they are not known to be on record; they may come again
   */
  long deliver(EncodedReceipts receipts) throws IOException;
}
