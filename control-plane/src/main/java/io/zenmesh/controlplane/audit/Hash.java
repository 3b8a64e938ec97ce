package io.zenmesh.controlplane.audit;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/** A SHA-256 value: of an entry, or of a node of the log's tree. Immutable, compared by value. */
public final class Hash {
  /** How long one is, in bytes. */
  public static final int BYTES = 32;

  private final byte[] value;

  private Hash(byte[] value) {
    if (value.length != BYTES) {
      throw new IllegalArgumentException(
          "hash: " + value.length + " bytes (expected: " + BYTES + ")");
    }
    this.value = value;
  }

  /**
   * Takes a copy.
   *
   * @throws IllegalArgumentException when there are not 32 bytes
   */
  public static Hash of(byte[] value) {
    return new Hash(value.clone());
  }

  /** Takes the array itself; the caller must not touch it again. */
  static Hash takeOver(byte[] value) {
    return new Hash(value);
  }

  /**
   * Reads 64 lower-case hexadecimal digits.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  public static Hash parse(String hex) {
    byte[] value = new byte[BYTES];
    if (hex.length() != 2 * BYTES) {
      throw malformed();
    }
    // By hand: an export has two hashes for each entry.
    for (int i = 0; i < BYTES; i++) {
      value[i] = (byte) (digit(hex.charAt(2 * i)) << 4 | digit(hex.charAt(2 * i + 1)));
    }
    return new Hash(value);
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw malformed();
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("hash: malformed (expected: 64 lower-case hex digits)");
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return value.clone();
  }

  /** Without a copy, for who only reads. */
  byte[] shared() {
    return value;
  }

  /** Standard base64 with padding, the form of a checkpoint. */
  public String base64() {
    return Base64.getEncoder().encodeToString(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && MessageDigest.isEqual(value, that.value);
  }

  @Override
  public int hashCode() {
    return value[0] << 24 | (value[1] & 0xff) << 16 | (value[2] & 0xff) << 8 | (value[3] & 0xff);
  }

  /** 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(value);
  }
}
