package io.zenmesh.extproc.replay;

import java.util.concurrent.CompletionStage;

/**
 * Remembers accepted messages, so that each passes once.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Fails closed: whatever is not known for certain is answered unavailable, never fresh. Of any
 * number of concurrent equal messages at most one is fresh or claimed. What the store may have
 * forgotten is refused by {@link StoreMemory}'s rule. A restart of a store that persists nothing
 * counts as a loss; so does the first start.
 *
 * <p>Thread-safe. Nothing blocks; every stage completes within {@link ReplayLadder#STORE_TIMEOUT}
 * (plus a timer tick), always normally, possibly before the call returns.
 */
public interface ReplayGuard extends AutoCloseable {
  /**
   * For values that senders never repeat: remembers the message for its window, for good.
   *
   * @return fresh, seen or unavailable
   */
  CompletionStage<OnceResult> claimOnce(ReplayMessage message);

  /**
   * For values that senders repeat on each retry: claims the message for {@link
   * ReplayLadder#CLAIM_TTL}. The caller should then {@link #commit} or {@link #release}; a claim
   * left alone expires.
   */
  CompletionStage<ClaimResult> claim(ReplayMessage message);

  /**
   * The message was delivered: remembers it for its window, whatever the store holds now.
   *
   * @return whether the store confirmed; if not, the message may be accepted once more later
   */
  CompletionStage<Boolean> commit(Claim claim);

  /**
   * The message was not delivered: lets the next attempt pass at once. Does nothing once {@link
   * ReplayLadder#OWNER_DEADLINE} is over; the claim then expires by itself.
   *
   * @return whether the store confirmed
   */
  CompletionStage<Boolean> release(Claim claim);

  /** Whether the guard can answer now. */
  StoreHealth health();

  @Override
  void close();
}
