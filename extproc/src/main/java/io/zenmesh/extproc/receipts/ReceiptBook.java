package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.Receipt;

/**
 * Where receipts are handed in. Never blocks; thread-safe.
 *
 * <p>While there is {@link #room} every receipt is kept. Without, only those are for which no
 * verdict could have been given otherwise.
 */
public interface ReceiptBook {
  /** Keeps nothing. */
  ReceiptBook NONE =
      new ReceiptBook() {
        @Override
        public boolean room() {
          return false;
        }

        @Override
        public boolean add(Receipt receipt, Need need) {
          return false;
        }
      };

  /** What depends on a receipt. */
  enum Need {
    /** The verdict stands without it. */
    WISHED,
    /** The verdict was given because there was room for it. */
    OWED
  }

  /** Whether a request that begins now will find room for its receipt. */
  boolean room();

  /**
   * Takes a receipt.
   *
   * @return whether it will be kept; one that is not is counted
   */
  boolean add(Receipt receipt, Need need);
}
