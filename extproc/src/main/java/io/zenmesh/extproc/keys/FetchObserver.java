package io.zenmesh.extproc.keys;

import java.util.Optional;

/** Hears of each fetch. Called on threads of the fetches. */
public interface FetchObserver {
  /** Ignores everything. */
  FetchObserver NONE = new FetchObserver() {};

  /** What is fetched. */
  enum Kind {
    /** A provider's key set. */
    KEY_SET,
    /** A signing certificate. */
    CERTIFICATE,
    /** The page that confirms a subscription. */
    CONFIRMATION
  }

  /**
   * A fetch is over.
   *
   * @param problem empty when it brought what it should
   */
  default void fetched(Kind kind, Optional<FetchProblem> problem) {}

  /** A fetch was not made, because too many are under way. */
  default void crowdedOut(Kind kind) {}
}
