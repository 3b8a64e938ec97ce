package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.Optional;

/** Where segments of chains are found and, once archived, pruned. Thread-safe. */
public interface SegmentStore {
  /**
   * The oldest entries of a chain which all are dated before a moment, have a place among the first
   * of the log, and are not the chain's newest; empty when there is none.
   *
   * @param places how much of the log counts
   * @param most how many at most
   * @throws AuditUnavailableException when the store cannot be read
   */
  Optional<Segment> closed(Name chain, Instant before, long places, int most);

  /**
   * Removes exactly these entries and remembers where the chain was cut, or does nothing. What was
   * done before is done.
   *
   * @throws AuditUnavailableException when the store fails or refuses
   */
  void prune(Segment segment);
}
