package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What is kept of a token: the SHA-256 of its 32 random bytes. Of so much randomness a plain hash
 * tells nothing. Immutable.
 */
public final class TokenDigest {
  private final byte[] bytes;

  private TokenDigest(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The digest of a token's secret part. */
  static TokenDigest of(SecretBytes secret) {
    byte[] clear = secret.copy(SecretAccess.granted());
    try {
      return new TokenDigest(MessageDigest.getInstance("SHA-256").digest(clear));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 missing from the JDK", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  /**
   * One that was stored.
   *
   * @throws IllegalArgumentException when it is not 32 bytes
   */
  public static TokenDigest stored(byte[] bytes) {
    if (bytes.length != 32) {
      throw new IllegalArgumentException("digest: " + bytes.length + " bytes (expected: 32)");
    }
    return new TokenDigest(bytes.clone());
  }

  /** Compares in constant time. */
  boolean matches(TokenDigest other) {
    return MessageDigest.isEqual(bytes, other.bytes);
  }

  /** A copy, to be stored. */
  public byte[] bytes() {
    return bytes.clone();
  }
}
