package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells whether the value that a mesh file points to is the one of last time, without opening what
 * is stored: HMAC-SHA-256 under a key of custody's own. So a file that was left behind by a
 * rotation brings nothing back, not even a version that was destroyed. Thread-safe.
 */
public final class ValueMark implements AutoCloseable {
  /** How long a mark is, in bytes. */
  public static final int BYTES = 32;

  private final SecretBytes key;

  /**
   * @param key at least 32 bytes; closed with this
   */
  public ValueMark(SecretBytes key) {
    if (key.length() < BYTES) {
      throw new IllegalArgumentException(
          "key: " + key.length() + " bytes (expected: at least " + BYTES + ")");
    }
    this.key = key;
  }

  /** The mark of a value under a name: equal exactly for equal values of the same secret. */
  public byte[] of(SecretRef ref, SecretBytes value) {
    byte[] name = ref.toString().getBytes(StandardCharsets.UTF_8);
    byte[] opened = key.copy(SecretAccess.granted());
    byte[] clear = value.copy(SecretAccess.granted());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(opened, "HmacSHA256"));
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
      mac.update(name);
      return mac.doFinal(clear);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("HmacSHA256 is missing from the JDK", e);
    } finally {
      Arrays.fill(opened, (byte) 0);
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public void close() {
    key.close();
  }
}
