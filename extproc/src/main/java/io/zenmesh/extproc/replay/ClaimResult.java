package io.zenmesh.extproc.replay;

/** What a guard says of a message that senders repeat until it is delivered. */
public sealed interface ClaimResult {
  /**
   * The caller owns the message and owes the guard its outcome.
   *
   * @param claim to be committed or released
   */
  record Claimed(Claim claim) implements ClaimResult {}

  /** The caller must not let the message pass. */
  enum Denied implements ClaimResult {
    /** Another delivery of it is under way, or its outcome is not known yet. */
    IN_FLIGHT,
    /** An earlier delivery of it was accepted for good. */
    COMMITTED,
    /** The guard cannot tell: the store is away, or it lost its memory after the message's time. */
    UNAVAILABLE
  }
}
