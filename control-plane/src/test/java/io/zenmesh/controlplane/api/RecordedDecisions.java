package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A record in memory that can be full. */
final class RecordedDecisions implements AuditTrail {
  final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  volatile boolean full;

  /** There is no room for events of this action alone. */
  volatile String fullFor = "";

  @Override
  public void record(List<AuditEvent> some) {
    if (full || some.stream().anyMatch(it -> it.action().equals(fullFor))) {
      throw new AuditUnavailableException("audit: full", new IllegalStateException("full"));
    }
    events.addAll(some);
  }

  /** Action, object, outcome and reason of each, in order. */
  List<String> lines() {
    return events.stream()
        .map(it ->
            (it.action() + " " + it.object() + " " + it.outcome() + " " + it.reason()).strip())
        .toList();
  }
}
