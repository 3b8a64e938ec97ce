package io.zenmesh.extproc.replay;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What one message is remembered by: the first 16 bytes of SHA-256 over its length-prefixed tenant,
 * endpoint, kind and value.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Fixed length, so no value of one tenant can spell the key of another; length prefixes, so no
 * two different tuples have one encoding. A collision needs about 2^64 messages.
 *
 * @param high the first eight bytes
 * @param low the next eight
 */
public record ReplayKey(long high, long low) {
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(ReplayKey::sha256);

  /**
   * The key of a message.
   *
   * @param tenant whose endpoint it came to
   * @param endpoint the endpoint's name within the tenant
   * @param kind what the value is, such as {@code nonce}
   * @param value the nonce, the id, or the digest of the signed content
   */
  public static ReplayKey of(String tenant, String endpoint, String kind, byte[] value) {
    MessageDigest digest = SHA_256.get();
    digest.reset();
    update(digest, tenant.getBytes(StandardCharsets.UTF_8));
    update(digest, endpoint.getBytes(StandardCharsets.UTF_8));
    update(digest, kind.getBytes(StandardCharsets.UTF_8));
    update(digest, value);
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
    return new ReplayKey(bytes.getLong(), bytes.getLong());
  }

  private static void update(MessageDigest digest, byte[] part) {
    digest.update((byte) (part.length >>> 24));
    digest.update((byte) (part.length >>> 16));
    digest.update((byte) (part.length >>> 8));
    digest.update((byte) part.length);
    digest.update(part);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: every JDK has it)", e);
    }
  }

  /** 32 lower-case hex digits. */
  public String hex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
