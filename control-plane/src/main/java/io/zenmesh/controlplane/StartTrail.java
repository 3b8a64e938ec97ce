package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds the events of the start until there is a record to put them on: the record's own signing
 * key lies in custody, and opening it is an event. Thread-safe.
 */
final class StartTrail implements AuditTrail {
  private final List<AuditEvent> held = new ArrayList<>();
  private Optional<AuditTrail> trail = Optional.empty();

  /**
   * Puts what was held on record, before anything else goes there.
   *
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot; the start fails
   */
  synchronized void lead(AuditTrail to) {
    if (!held.isEmpty()) {
      to.record(List.copyOf(held));
    }
    held.clear();
    trail = Optional.of(to);
  }

  @Override
  public synchronized void record(List<AuditEvent> events) {
    if (trail.isPresent()) {
      trail.get().record(events);
    } else {
      held.addAll(events);
    }
  }
}
