package io.zenmesh.extproc.replay;

/** Whether the store can be asked. */
public sealed interface StoreHealth {
  /**
   * It answers and is fit.
   *
   * @param memory since when it remembers
   */
  record Fit(StoreMemory memory) implements StoreHealth {}

  /**
   * It answers but must not be used.
   *
   * @param problem what is wrong, for the operator: {@code name: value (expected: ...)}
   */
  record Unfit(String problem) implements StoreHealth {}

  /** It does not answer, or has not been asked yet. */
  enum Away implements StoreHealth {
    AWAY
  }
}
