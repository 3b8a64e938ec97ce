package io.zenmesh.controlplane.custody;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Says which secret a ciphertext belongs to: each part led by its length, so that no two different
 * lists of parts share one encoding.
 */
final class AssociatedData {
  private AssociatedData() {}

  /** For the ciphertext itself. */
  static byte[] ofData(SecretRef ref, long version, String algorithm) {
    return encode(ref.tenant().value(), ref.name().value(), Long.toString(version), algorithm);
  }

  /**
   * For the wrapped data key: the same and the wrapping key, so that re-wrapping never touches
   * data.
   */
  static byte[] ofWrap(SecretRef ref, long version, String algorithm, String kekId) {
    return encode(
        ref.tenant().value(), ref.name().value(), Long.toString(version), algorithm, kekId);
  }

  private static byte[] encode(String... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }
}
