package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;

/**
 * The end of a chain, to which the next entry is tied. Immutable; pure.
 *
 * @param chain whose it is
 * @param seq how many entries the chain has had
 * @param timeMicros the time of the last one; 0 before the first
 * @param hash the hash of the last one; before the first, {@link EntryFormat#genesis}
 */
public record ChainHead(Name chain, long seq, long timeMicros, Hash hash) {
  /** The head of a chain without entries. */
  public static ChainHead empty(String log, Name chain) {
    return new ChainHead(chain, 0, 0, EntryFormat.genesis(log, chain.value()));
  }

  /**
   * The event as the next entry.
   *
   * @param nowMicros what the clock says; a clock behind the last entry's is not believed, so that
   *     time never runs backwards in a chain
   */
  public AuditEntry next(AuditEvent event, long nowMicros) {
    if (!event.chain().equals(chain)) {
      throw new IllegalArgumentException("chain: " + event.chain() + " (expected: " + chain + ")");
    }
    long time = Math.max(nowMicros, timeMicros);
    return new AuditEntry(seq + 1, time, event, EntryFormat.hash(hash, seq + 1, time, event));
  }

  /** The head once {@code entry} is the last. */
  public ChainHead after(AuditEntry entry) {
    return new ChainHead(chain, entry.seq(), entry.timeMicros(), entry.hash());
  }
}
