package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;

/**
 * What makes a message the same as an earlier one, by its scheme's replay rule; never signature
 * bytes, never an unsigned header alone where security hangs on it (docs/adr/0007).
 *
 * <p>For {@link ReplayRule.By#SIGNED_CONTENT} the digest is made when it is asked for, from the
 * request's own bytes: ask while the body that was verified is still there and unchanged.
 */
public final class ReplaySubject {
  private final ReplayRule.By by;
  private final String text;
  private final SignedContent content;

  /**
   * @param text what is compared, unless it is the content
   * @param content what is compared for {@link ReplayRule.By#SIGNED_CONTENT}
   */
  ReplaySubject(ReplayRule.By by, String text, SignedContent content) {
    this.by = by;
    this.text = text;
    this.content = content;
  }

  public ReplayRule.By by() {
    return by;
  }

  /** The nonce, the id, or SHA-256 of the signed content; empty for {@link ReplayRule.By#NONE}. */
  public byte[] value() {
    return by == ReplayRule.By.SIGNED_CONTENT
        ? content.digest()
        : text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
