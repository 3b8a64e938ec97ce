package io.zenmesh.controlplane.audit;

import java.util.List;

/**
 * Where a source puts events on record that it numbers, so that what it brings twice is recorded
 * once. Thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A call returns when its events are committed, together with how far the source has come: after
 * a crash at any moment, bringing them again records each exactly once.
 */
public interface NumberedTrail {
  /** The most events in one call. */
  int MAX_BATCH = GroupCommitTrail.MAX_BATCH;

  /** An event and its number, which ascends within its source. */
  record Numbered(long number, AuditEvent event) {}

  /**
   * Records those of the events that the source has not brought before, in order, all or none.
   *
   * @param source its name, 1 to 512 characters; numbers of another source say nothing
   * @return how many were new
   * @throws AuditUnavailableException when they are not known to be on record
   */
  int record(String source, List<Numbered> events);
}
