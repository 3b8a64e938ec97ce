package io.zenmesh.extproc.replay;

import java.time.Duration;

/**
 * The time-outs that keep two-phase replay protection sound, smallest first. Each must end before
 * the next, or an outcome could be written by someone who no longer owns the claim.
 */
public final class ReplayLadder {
  /** How long one question to the store may take, a claim's two commands together. */
  public static final Duration STORE_TIMEOUT = Duration.ofMillis(250);

  /** How long Envoy waits for one answer of the processor ({@code message_timeout}). */
  public static final Duration MESSAGE_TIMEOUT = Duration.ofSeconds(1);

  /** How long Envoy waits for the upstream, retries included. */
  public static final Duration ROUTE_TIMEOUT = Duration.ofSeconds(15);

  /** How long, from before the claim, its owner may release it; monotonic. */
  public static final Duration OWNER_DEADLINE = Duration.ofSeconds(20);

  /**
   * How long the kernel may go on sending a command that the store has not acknowledged. A release
   * sent at the owner's deadline must be dead before the claim expires and could be another's.
   */
  public static final Duration STORE_RETRANSMISSION = Duration.ofSeconds(10);

  /** How long an unsettled claim stays in the store. */
  public static final Duration CLAIM_TTL = Duration.ofSeconds(60);

  private ReplayLadder() {}
}
