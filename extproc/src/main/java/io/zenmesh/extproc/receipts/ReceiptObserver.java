package io.zenmesh.extproc.receipts;

/** Hears what becomes of receipts. Called on event loops too: must not block. */
public interface ReceiptObserver {
  /** Ignores everything. */
  ReceiptObserver NONE = new ReceiptObserver() {};

  /** Receipts were written to the spool. */
  default void spooled(int count) {}

  /** Receipts are on record. */
  default void recorded(int count) {}

  /** Receipts were not kept, for want of room. */
  default void dropped(int count) {}

  /** Bytes of the spool held no receipt any more: a torn end, or damage. */
  default void unreadable(long bytes) {}

  /** How much of the spool is in use, and whether there is room. */
  default void filled(long bytes, boolean full) {}
}
