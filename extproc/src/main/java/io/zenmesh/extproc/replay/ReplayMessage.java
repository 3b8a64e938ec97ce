package io.zenmesh.extproc.replay;

import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A verified message, as far as a replay guard needs to know it.
 *
 * @param key what it is remembered by
 * @param timestamp its signed time; empty when its scheme signs none
 * @param window how long it is remembered, positive
 * @param onStoreLoss what happens to it, lacking a timestamp, after the store forgot
 */
public record ReplayMessage(
    ReplayKey key, Optional<Instant> timestamp, Duration window, OnStoreLoss onStoreLoss) {
  /**
   * @throws IllegalArgumentException when the window is not positive
   */
  public ReplayMessage {
    if (!window.isPositive()) {
      throw new IllegalArgumentException("window: " + window + " (expected: more than 0)");
    }
  }
}
