package io.zenmesh.controlplane.audit;

import java.util.List;

/**
 * Where events are put on record.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A call returns when its events are committed, in order, each to the end of its chain. What
 * must not happen unrecorded comes after it. Thread-safe.
 */
public interface AuditTrail {
  /**
   * Records events, all or none.
   *
   * @throws AuditUnavailableException when they are not known to be on record within two seconds;
   *     then nothing that depends on them may be done
   */
  void record(List<AuditEvent> events);

  /** Records one event; see {@link #record(List)}. */
  default void record(AuditEvent event) {
    record(List.of(event));
  }
}
