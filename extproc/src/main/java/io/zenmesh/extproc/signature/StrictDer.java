package io.zenmesh.extproc.signature;

/** The one encoding of an ECDSA signature (X.690 section 10, RFC 3279 section 2.2.3). */
final class StrictDer {
  private static final int SEQUENCE = 0x30;
  private static final int INTEGER = 0x02;
  private static final int LONGEST_INTEGER = 33;

  private StrictDer() {}

  /** Whether bytes are a sequence of two positive integers in their shortest form, and no more. */
  static boolean isTwoIntegers(byte[] bytes) {
    if (bytes.length < 8 || bytes[0] != SEQUENCE || bytes[1] != bytes.length - 2) {
      return false;
    }
    int second = afterInteger(bytes, 2);
    return second > 0 && afterInteger(bytes, second) == bytes.length;
  }

  /** Where the integer that starts at {@code at} ends; -1 when there is none. */
  private static int afterInteger(byte[] bytes, int at) {
    if (at + 2 >= bytes.length || bytes[at] != INTEGER) {
      return -1;
    }
    int length = bytes[at + 1];
    int end = at + 2 + length;
    if (length < 1 || length > LONGEST_INTEGER || end > bytes.length || bytes[at + 2] < 0) {
      return -1;
    }
    boolean padded = length > 1 && bytes[at + 2] == 0 && bytes[at + 3] >= 0;
    return padded ? -1 : end;
  }
}
