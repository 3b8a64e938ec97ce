package io.zenmesh.extproc.receipts;

/**
 * Whether there is room for receipts, by what waits. Immutable; pure.
 *
 * <p>Full begins below the bound: requests that were let in while there was room still find it. It
 * ends well below where it began, so that it does not flicker.
 *
 * @param full whether new requests find no room
 */
record Fill(boolean full) {
  static final Fill EMPTY = new Fill(false);

  /** Full from here on, in eighths of the bound. */
  private static final int FULL_EIGHTHS = 7;

  private static final int ROOM_EIGHTHS = 6;

  /** Up to here receipts are kept that nothing depends on; what is above is for those owed. */
  static long bound(long most) {
    return most / 8 * FULL_EIGHTHS;
  }

  /**
   * @param bytes on disk
   * @param most on disk
   * @param writable whether the last attempt to write succeeded
   */
  Fill next(long bytes, long most, boolean writable) {
    if (!writable) {
      return new Fill(true);
    }
    long bound = full ? most / 8 * ROOM_EIGHTHS : bound(most);
    return new Fill(bytes + SpoolFormat.MAX_RECORD > bound);
  }
}
