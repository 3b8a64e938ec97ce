package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/** A digest of the body in a header of its own: RFC 9530's and the older one of RFC 3230. */
final class BodyDigest {
  private static final int MOST_DIGESTS = 4;
  private static final Map<String, String> ALGORITHMS =
      Map.of("sha-256", "SHA-256", "sha-512", "SHA-512");

  private BodyDigest() {}

  /**
   * Checks {@code Content-Digest: sha-256=:...:}. Every digest of a known algorithm must be right,
   * and there must be one.
   *
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED}, {@link Reason#SIGNATURE_MISMATCH}
   */
  static void checkContentDigest(String header, ByteBuffer body) throws Refusal {
    check(header.split(", ?", MOST_DIGESTS + 1), body, true);
  }

  /** Checks {@code Digest: SHA-256=...} in the same way. */
  static void checkDigest(String header, ByteBuffer body) throws Refusal {
    check(header.split(", ?", MOST_DIGESTS + 1), body, false);
  }

  private static void check(String[] members, ByteBuffer body, boolean structured) throws Refusal {
    int known = 0;
    for (String member : members) {
      int equals = member.indexOf('=');
      if (equals < 1 || members.length > MOST_DIGESTS) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      String name = member.substring(0, equals);
      String value = member.substring(equals + 1);
      if (structured) {
        if (value.length() < 2 || !value.startsWith(":") || !value.endsWith(":")) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        value = value.substring(1, value.length() - 1);
      } else {
        name = name.toLowerCase(Locale.ROOT);
      }
      String algorithm = ALGORITHMS.getOrDefault(name, "");
      if (!algorithm.isEmpty()) {
        known++;
        byte[] actual = digest(algorithm, body.duplicate());
        byte[] claimed = TagEncoding.BASE64.decode(value, actual.length);
        if (!MessageDigest.isEqual(actual, claimed)) {
          throw Refusal.of(Reason.SIGNATURE_MISMATCH);
        }
      }
    }
    if (known == 0) {
      throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
    }
  }

  /** The value of {@code Content-Digest} for a body. */
  static String contentDigest(ByteBuffer body) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(Sha256.of(body)) + ":";
  }

  /** The value of {@code Digest} for a body. */
  static String digest(ByteBuffer body) {
    return "SHA-256=" + Base64.getEncoder().encodeToString(Sha256.of(body));
  }

  private static byte[] digest(String algorithm, ByteBuffer body) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(body);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
