package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.tenant.Caller;

/** Who calls, or why nobody knows. */
sealed interface Authentication {
  /** An identity that was proved. */
  record Known(Caller caller) implements Authentication {}

  /**
   * None.
   *
   * @param claimed what was claimed, for the record
   * @param reason a stable code, for the record only: the caller is not told
   */
  record Unknown(Actor claimed, String reason) implements Authentication {}
}
