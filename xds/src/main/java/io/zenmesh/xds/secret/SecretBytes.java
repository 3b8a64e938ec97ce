package io.zenmesh.xds.secret;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;

/**
 * Bytes that must not leak.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>No way to print, compare by {@code equals} or serialise; reading needs a {@link SecretAccess}
 * token; {@link #close()} zeroes the array, after which reading fails. Copies handed out by {@link
 * #copy} are the caller's to zero.
 *
 * <p>Thread-safe, except that {@code close} must not race with readers.
 */
public final class SecretBytes implements AutoCloseable {
  private final byte[] bytes;
  private volatile boolean closed;

  private SecretBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes a copy; the caller still owns and should zero its own array. */
  public static SecretBytes copyOf(byte[] source) {
    return new SecretBytes(source.clone());
  }

  /** Takes the array itself; the caller must not touch it again. */
  public static SecretBytes takeOver(byte[] source) {
    return new SecretBytes(source);
  }

  /** How many bytes there are. */
  public int length() {
    return bytes.length;
  }

  /**
   * A copy of the bytes, the caller's to zero.
   *
   * @throws IllegalStateException after {@link #close()}
   */
  public byte[] copy(SecretAccess access) {
    Objects.requireNonNull(access, "access");
    if (closed) {
      throw new IllegalStateException("secret: closed");
    }
    return bytes.clone();
  }

  /** Compares in time that depends on the lengths only. */
  public boolean sameAs(SecretBytes other) {
    return MessageDigest.isEqual(bytes, other.bytes);
  }

  /** Zeroes the bytes. Idempotent. */
  @Override
  public void close() {
    closed = true;
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "SecretBytes[" + bytes.length + "]";
  }
}
