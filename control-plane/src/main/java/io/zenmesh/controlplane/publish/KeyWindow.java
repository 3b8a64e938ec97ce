package io.zenmesh.controlplane.publish;

import java.time.Duration;
import java.time.Instant;

/** When a key begins to count at a processor. Pure. */
final class KeyWindow {
  /**
   * A processor judges a key by the time that was signed: in whole seconds, and by the sender's
   * clock, which may be behind ours by as much as the widest tolerance lets it.
   */
  static final Duration SLACK = Duration.ofSeconds(600);

  private KeyWindow() {}

  /** Nobody can have signed with a key before it was there, so that counting early lets none in. */
  static Instant start(Instant notBefore) {
    Instant early = notBefore.minus(SLACK);
    return early.isBefore(Instant.EPOCH) ? Instant.EPOCH : early;
  }
}
