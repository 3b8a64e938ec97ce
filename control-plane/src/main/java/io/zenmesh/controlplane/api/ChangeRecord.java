package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;

/** Puts a change to a tenant on that tenant's record, before it takes effect. Thread-safe. */
public final class ChangeRecord {
  private final AuditTrail trail;

  public ChangeRecord(AuditTrail trail) {
    this.trail = trail;
  }

  /**
   * Records what is about to be done.
   *
   * @param action such as {@code principal.put}
   * @param object such as {@code principal/acme/ci}
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot be recorded;
   *     then it must not be done
   */
  public void before(ApiRequest request, String action, String object) {
    trail.record(
        new AuditEvent(
            request.tenant(),
            request.caller().actor(),
            action,
            object,
            AuditEvent.Outcome.DONE,
            "",
            request.correlation()));
  }
}
