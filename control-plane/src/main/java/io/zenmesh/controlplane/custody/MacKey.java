package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key with which this mesh recognises texts that it handed out itself: HMAC-SHA-256, cut to 16
 * bytes. Thread-safe.
 */
public final class MacKey implements AutoCloseable {
  /** The length of a tag, in bytes. */
  public static final int TAG_BYTES = 16;

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretBytes key;

  /**
   * @param key closed with this object
   */
  public MacKey(SecretBytes key) {
    this.key = key;
  }

  /** The tag of a text. */
  public byte[] tag(byte[] text) {
    byte[] clear = key.copy(SecretAccess.granted());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(clear, ALGORITHM));
      return Arrays.copyOf(mac.doFinal(text), TAG_BYTES);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("HMAC-SHA-256 is missing from the JDK", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  /** Whether the tag is this text's; compared in constant time. */
  public boolean made(byte[] text, byte[] tag) {
    return MessageDigest.isEqual(tag(text), tag);
  }

  @Override
  public void close() {
    key.close();
  }
}
