package io.zenmesh.extproc.signature;

import java.time.Duration;

/**
 * How a scheme recognises a message it has seen.
 *
 * @param by what is compared
 * @param window how long a message is remembered
 */
public record ReplayRule(By by, Duration window) {
  /** What is compared. */
  public enum By {
    /** A signed nonce, fresh on each attempt of the sender: claimed once, never released. */
    NONCE,
    /** A signed id, the same on each retry. */
    SIGNED_ID,
    /** SHA-256 of the signed content. */
    SIGNED_CONTENT,
    /** An unsigned id: recognises retries, protects against nothing. */
    UNSIGNED_ID,
    /** Nothing: identical messages are separate events. */
    NONE
  }

  /** Whether one store round trip decides for good, because senders never repeat the value. */
  public boolean onePhase() {
    return by == By.NONCE;
  }
}
