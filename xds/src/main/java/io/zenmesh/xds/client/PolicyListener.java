package io.zenmesh.xds.client;

import java.util.Optional;

/** Takes up policy sets as they arrive. Called by one thread at a time. */
@FunctionalInterface
public interface PolicyListener {
  /**
   * Decides on a set, and uses it from now on when it is accepted.
   *
   * @return empty to accept; otherwise why not, in text that holds no secret: the set before stays,
   *     and the control plane is told
   */
  Optional<String> apply(PolicySet candidate);
}
