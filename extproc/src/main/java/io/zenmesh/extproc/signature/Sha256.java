package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 with one digest object per thread. */
final class Sha256 {
  private static final ThreadLocal<MessageDigest> LOCAL = ThreadLocal.withInitial(Sha256::create);

  private Sha256() {}

  /** The thread's own digest, reset. */
  static MessageDigest local() {
    MessageDigest digest = LOCAL.get();
    digest.reset();
    return digest;
  }

  static byte[] of(ByteBuffer bytes) {
    MessageDigest digest = local();
    digest.update(bytes.duplicate());
    return digest.digest();
  }

  static byte[] of(byte[] bytes) {
    return local().digest(bytes);
  }

  private static MessageDigest create() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
