package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is on record, narrowed to one segment and the places of the log that a checkpoint covers.
 * Places of later entries of the chain are shown as hashes only, as those of others.
 */
record SegmentView(AuditView whole, Segment segment, long places) implements AuditView {
  @Override
  public String log() {
    return whole.log();
  }

  @Override
  public List<ChainHead> heads() {
    return List.of(
        new ChainHead(segment.chain(), segment.to(), segment.fromMicros(), segment.hash()));
  }

  @Override
  public Optional<ExportItem.Cut> cut(Name chain) {
    return whole.cut(chain);
  }

  @Override
  public void entries(Name chain, long after, long through, Consumer<ClaimedEntry> to) {
    whole.entries(chain, after, Math.min(through, segment.to()), to);
  }

  @Override
  public void leaves(long from, long until, Consumer<ClaimedLeaf> to) {
    whole.leaves(from, Math.min(until, places), leaf -> to.accept(shown(leaf)));
  }

  private ClaimedLeaf shown(ClaimedLeaf leaf) {
    return new ClaimedLeaf(
        leaf.position(),
        leaf.entry()
            .filter(it -> it.chain().equals(segment.chain().value()) && it.seq() <= segment.to()),
        leaf.hash());
  }
}
