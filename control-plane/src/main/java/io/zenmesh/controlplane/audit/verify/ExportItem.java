package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;

/** One line of an export. */
public sealed interface ExportItem {
  /** The first line. */
  record Header(String log) implements ExportItem {}

  /** A checkpoint that was at hand when the export was made. */
  record Note(String note) implements ExportItem {}

  /**
   * Where a chain begins in this export when its beginning was archived.
   *
   * @param seq the last archived entry
   * @param hash of it
   */
  record Cut(String chain, long seq, Hash hash) implements ExportItem {}

  /** An entry. */
  record Entry(ClaimedEntry entry) implements ExportItem {}

  /** A place in the log. */
  record Leaf(ClaimedLeaf leaf) implements ExportItem {}

  /** The last line: how much came before. */
  record End(long entries, long leaves) implements ExportItem {}
}
