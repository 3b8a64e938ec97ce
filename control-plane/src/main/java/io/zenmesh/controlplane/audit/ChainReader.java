package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;

/**
 * Reads one chain for those it belongs to, page by page, in order. Called within the context of the
 * chain's tenant. Thread-safe.
 */
public interface ChainReader {
  /**
   * An entry and its place in the log.
   *
   * @param position empty while it has none
   */
  record Recorded(ClaimedEntry entry, Optional<Long> position) {}

  /**
   * An entry and what it is tied to.
   *
   * @param previous the hash of the entry before; empty for the first of a chain
   */
  record Tied(Recorded recorded, Optional<Hash> previous) {}

  /** The id of the log. */
  String log();

  /** Where the chain was cut last, when its beginning was archived and pruned. */
  Optional<ExportItem.Cut> cut(Name chain);

  /** The entries with a sequence number above {@code seq}. */
  List<Recorded> after(Name chain, long seq, int limit);

  /** The last entries. */
  List<Recorded> newest(Name chain, int limit);

  /** The entries of a correlation id with a sequence number above {@code seq}. */
  List<Tied> correlated(Name chain, String correlation, long seq, int limit);

  /** Places of the log from a position on; those of other chains do not say whose they are. */
  List<ClaimedLeaf> leaves(Name chain, long from, int limit);
}
