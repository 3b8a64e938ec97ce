package io.zenmesh.controlplane.audit;

import java.util.List;

/** {@link CheckpointedTrail} for sources that number their events. Thread-safe. */
public final class CheckpointedNumbers implements NumberedTrail {
  private final NumberedTrail trail;
  private final CheckpointKeeper keeper;

  public CheckpointedNumbers(NumberedTrail trail, CheckpointKeeper keeper) {
    this.trail = trail;
    this.keeper = keeper;
  }

  @Override
  public int record(String source, List<Numbered> events) {
    keeper
        .fault()
        .ifPresent(fault -> {
          throw new AuditUnavailableException("audit: " + fault, new IllegalStateException());
        });
    int recorded = trail.record(source, events);
    keeper.recorded(recorded);
    return recorded;
  }
}
