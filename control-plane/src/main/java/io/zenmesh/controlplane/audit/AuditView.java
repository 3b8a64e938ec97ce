package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is on record at one moment. */
public interface AuditView {
  /** The id of the log. */
  String log();

  /** The ends of all chains, in the order of their names. */
  List<ChainHead> heads();

  /** Where a chain was cut last, when its beginning was archived and pruned. */
  Optional<ExportItem.Cut> cut(Name chain);

  /**
   * The entries of a chain in order, those with a sequence number above {@code after} and at most
   * {@code through}.
   */
  void entries(Name chain, long after, long through, Consumer<ClaimedEntry> to);

  /** The places of the log in order, from {@code from} to before {@code until}. */
  void leaves(long from, long until, Consumer<ClaimedLeaf> to);
}
