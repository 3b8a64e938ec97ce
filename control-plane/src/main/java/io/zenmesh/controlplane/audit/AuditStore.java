package io.zenmesh.controlplane.audit;

import java.util.List;

/** Where chains are kept. Implementations are thread-safe and may be many on one store. */
public interface AuditStore {
  /**
   * Appends events to the ends of their chains, all or none, in order; returns when they are
   * committed. May take as long as its own time-outs allow.
   *
   * @throws AuditUnavailableException when they are not known to be committed
   */
  void append(List<AuditEvent> events);
}
