package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.util.Optional;

/**
 * A place in the log as somebody shows it.
 *
 * @param position from 0
 * @param entry which entry it stands for; empty when that is another tenant's
 * @param hash that entry's hash
 */
public record ClaimedLeaf(long position, Optional<Place> entry, Hash hash) {
  /** A place in a chain. */
  public record Place(String chain, long seq) {}
}
