package io.zenmesh.extproc.replay;

import java.time.Duration;

/**
 * The right to deliver one message, held until it is committed, released or expired. Immutable.
 *
 * <p>Only a guard makes one. It must go back to the guard that made it.
 */
public final class Claim {
  private final ReplayKey key;
  private final String owner;
  private final Duration window;
  private final long startedNanos;
  private final StoreMemory memory;

  /**
   * @param startedNanos the monotonic clock before the store was asked
   * @param memory what the store remembered when it was asked
   */
  Claim(ReplayKey key, String owner, Duration window, long startedNanos, StoreMemory memory) {
    this.key = key;
    this.owner = owner;
    this.window = window;
    this.startedNanos = startedNanos;
    this.memory = memory;
  }

  ReplayKey key() {
    return key;
  }

  String owner() {
    return owner;
  }

  Duration window() {
    return window;
  }

  /**
   * Whether the owner may still delete the store's entry: later, or after the store forgot, the
   * entry could be another's.
   */
  boolean releasable(long nowNanos, StoreMemory memoryNow) {
    return nowNanos - startedNanos < ReplayLadder.OWNER_DEADLINE.toNanos()
        && memory.equals(memoryNow);
  }

  @Override
  public String toString() {
    return "Claim[" + key.hex() + "]";
  }
}
