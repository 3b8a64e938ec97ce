package io.zenmesh.controlplane.audit.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The beginnings of chains, put together from archives in the order of their entries; the order of
 * the files means nothing. Not thread-safe.
 */
public final class ArchivedChains {
  private final Map<String, HashColumn> columns = new TreeMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /**
   * Joins archives that are good by themselves: each must begin where the one before has ended, or
   * overlap with it and hold the same.
   */
  public ArchivedChains(List<Archive> archives) {
    archives.stream()
        .sorted(Comparator.comparing(Archive::chain).thenComparing(Archive::from))
        .forEach(this::join);
  }

  private void join(Archive archive) {
    String chain = archive.chain();
    HashColumn column = columns.computeIfAbsent(chain, name -> new HashColumn(1));
    if (archive.from() > column.next()) {
      faults.add(new Fault.AtEntry(chain, column.next(), "missing (expected: in an archive)"));
      column.end();
      return;
    }
    if (column.differs(archive.before().seq(), archive.before().hash())) {
      faults.add(
          new Fault.AtEntry(
              chain, archive.from(), "is not tied to the entry that the archive before has"));
      column.end();
      return;
    }
    for (long seq = archive.from(); seq <= archive.to(); seq++) {
      if (column.differs(seq, archive.hashes().get(seq))) {
        faults.add(new Fault.AtEntry(chain, seq, "is another one in another archive"));
        column.end();
        return;
      }
      if (seq == column.next()) {
        column.add(archive.hashes().get(seq));
      }
    }
  }

  /** Where the archives do not fit together; empty when they do. */
  public List<Fault> faults() {
    return List.copyOf(faults);
  }

  /** Says what is wrong when a chain is cut there; empty when the archives lead up to it. */
  Optional<Fault> atCut(ExportItem.Cut cut) {
    if (!faults.isEmpty()) {
      return Optional.of(faults.getFirst());
    }
    HashColumn column = columns.getOrDefault(cut.chain(), new HashColumn(1));
    if (column.next() <= cut.seq()) {
      return Optional.of(
          new Fault.AtEntry(cut.chain(), column.next(), "missing (expected: in an archive)"));
    }
    return column.differs(cut.seq(), cut.hash())
        ? Optional.of(
            new Fault.AtEntry(cut.chain(), cut.seq(), "is not the entry that its archive has"))
        : Optional.empty();
  }

  /** Whether an archive has another entry of that number. */
  boolean differs(ClaimedEntry entry) {
    HashColumn column = columns.get(entry.chain());
    return column != null && column.differs(entry.seq(), entry.hash());
  }

  /** The hashes of a chain's entries from the first to that number. */
  HashColumn through(ExportItem.Cut cut) {
    HashColumn known = columns.getOrDefault(cut.chain(), new HashColumn(1));
    HashColumn copy = new HashColumn(1);
    for (long seq = 1; seq <= cut.seq(); seq++) {
      copy.add(known.get(seq));
    }
    return copy;
  }
}
