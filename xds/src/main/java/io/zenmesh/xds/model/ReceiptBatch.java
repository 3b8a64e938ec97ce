package io.zenmesh.xds.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Receipts of one processor's spool, in the order of their numbers, which never repeat and may have
 * gaps. Immutable.
 *
 * @param spool random per spool: numbers of another one say nothing
 * @param receipts 1 to {@value #MAX_RECEIPTS}
 */
public record ReceiptBatch(String spool, List<Numbered> receipts) {
  /** The most receipts of a batch. */
  public static final int MAX_RECEIPTS = 1_024;

  private static final Pattern SPOOL = Pattern.compile("[0-9a-f]{32}");

  /**
   * A receipt and its place in the spool.
   *
   * @param number at least 1
   */
  public record Numbered(long number, Receipt receipt) {
    /**
     * @throws IllegalArgumentException when the number is not positive
     */
    public Numbered {
      if (number < 1) {
        throw new IllegalArgumentException("number: " + number + " (expected: at least 1)");
      }
    }
  }

  /**
   * @throws IllegalArgumentException when a bound is broken or the numbers do not ascend
   */
  public ReceiptBatch {
    receipts = List.copyOf(receipts);
    if (!SPOOL.matcher(spool).matches()) {
      throw new IllegalArgumentException("spool: (expected: 32 digits of [0-9a-f])");
    }
    if (receipts.isEmpty() || receipts.size() > MAX_RECEIPTS) {
      throw new IllegalArgumentException(
          "receipts: " + receipts.size() + " (expected: 1 to " + MAX_RECEIPTS + ")");
    }
    for (int i = 1; i < receipts.size(); i++) {
      if (receipts.get(i).number() <= receipts.get(i - 1).number()) {
        throw new IllegalArgumentException("number: (expected: ascending)");
      }
    }
  }

  /** The number of the last receipt. */
  public long last() {
    return receipts.getLast().number();
  }
}
