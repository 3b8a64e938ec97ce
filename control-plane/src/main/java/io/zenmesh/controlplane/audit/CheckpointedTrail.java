package io.zenmesh.controlplane.audit;

import java.util.List;

/**
 * A trail whose checkpoints follow it: tells their keeper how much was recorded, and records
 * nothing more once the record was found not to be what its checkpoint says. Thread-safe.
 */
public final class CheckpointedTrail implements AuditTrail {
  private final AuditTrail trail;
  private final CheckpointKeeper keeper;

  public CheckpointedTrail(AuditTrail trail, CheckpointKeeper keeper) {
    this.trail = trail;
    this.keeper = keeper;
  }

  @Override
  public void record(List<AuditEvent> events) {
    keeper
        .fault()
        .ifPresent(fault -> {
          throw new AuditUnavailableException("audit: " + fault, new IllegalStateException());
        });
    trail.record(events);
    keeper.recorded(events.size());
  }
}
