package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import javax.crypto.Mac;

/** The bytes that were signed, in at most three pieces, so that the body is never copied. */
final class SignedContent {
  /** Of schemes that sign nothing. */
  static final SignedContent NONE =
      new SignedContent(new byte[0], ByteBuffer.allocate(0), new byte[0]);

  private final byte[] before;
  private final ByteBuffer body;
  private final byte[] after;

  /**
   * @param body empty when the content holds only its digest
   */
  SignedContent(byte[] before, ByteBuffer body, byte[] after) {
    this.before = before;
    this.body = body;
    this.after = after;
  }

  void feed(Mac mac) {
    mac.update(before);
    mac.update(body.duplicate());
    mac.update(after);
  }

  /** SHA-256 of the content. */
  byte[] digest() {
    MessageDigest digest = Sha256.local();
    digest.update(before);
    digest.update(body.duplicate());
    digest.update(after);
    return digest.digest();
  }

  /** One copy of everything; not for the path of a request. */
  byte[] toBytes() {
    ByteBuffer all = ByteBuffer.allocate(before.length + body.remaining() + after.length);
    all.put(before).put(body.duplicate()).put(after);
    return all.array();
  }
}
