package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;

/**
 * The oldest entries of a chain that are still in the database, up to one that is not the newest.
 * Immutable.
 *
 * @param from the first of them
 * @param fromMicros when it was put on record
 * @param to the last of them
 * @param hash of the last
 */
public record Segment(Name chain, long from, long fromMicros, long to, Hash hash) {
  public Segment {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException(
          "segment: " + from + " to " + to + " (expected: at least one entry)");
    }
  }

  long length() {
    return to - from + 1;
  }

  @Override
  public String toString() {
    return chain + " entries " + from + " to " + to;
  }
}
