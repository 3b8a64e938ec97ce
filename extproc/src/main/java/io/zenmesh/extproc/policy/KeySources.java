package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.xds.model.EndpointRef;

/** Where endpoints whose messages only name a key find it. Thread-safe. */
@FunctionalInterface
public interface KeySources {
  /** Nothing is ever fetched. */
  KeySources NONE = (endpoint, places) -> KeySource.NONE;

  /**
   * The source of one endpoint. What it knows outlives a change of the endpoint's policy, as long
   * as the places stay the same.
   */
  KeySource of(EndpointRef endpoint, KeyPlaces places);
}
