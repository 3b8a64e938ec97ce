package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.function.Consumer;

/** What is on record at one moment. */
public interface AuditView {
  /** The id of the log. */
  String log();

  /** The ends of all chains, in the order of their names. */
  List<ChainHead> heads();

  /** The entries of a chain in order, those with a sequence number above {@code after}. */
  void entries(Name chain, long after, Consumer<ClaimedEntry> to);

  /** The places of the log in order, from {@code from}. */
  void leaves(long from, Consumer<ClaimedLeaf> to);
}
