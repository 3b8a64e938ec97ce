package io.zenmesh.extproc.replay;

import java.time.Instant;

/** Hears what an operator should know of a guard. Called on event loops: must not block. */
public interface ReplayObserver {
  /** Ignores everything. */
  ReplayObserver NONE = new ReplayObserver() {};

  /** The store lost its memory; called once per loss and process. */
  default void lost(Instant detectedAt) {}

  /** A message was let through although the store may have forgotten it. */
  default void acceptedAfterLoss() {}

  /** The store answered a question. */
  default void answered(long nanos) {}

  /** The store did not answer a question in time, or the connection broke. */
  default void unanswered() {}
}
