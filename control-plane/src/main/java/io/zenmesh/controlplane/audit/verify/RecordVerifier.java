package io.zenmesh.controlplane.audit.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Checks a whole export: every chain from its beginning, every place of the log against its entry,
 * and the log against checkpoints from elsewhere. Takes one item after the other. Not thread-safe.
 *
 * <p>A chain shows what was changed inside it. That its end was cut off, that it was written anew
 * or put back from a backup shows only against a checkpoint that whoever did it could not change.
 */
public final class RecordVerifier {
  private final Deque<SignedCheckpoint> ahead = new ArrayDeque<>();
  private final Map<String, ChainState> chains = new TreeMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final TreeVerifier tree = new TreeVerifier();
  private final Optional<ArchivedChains> archives;
  private Optional<String> log = Optional.empty();
  private Optional<ExportItem.End> end = Optional.empty();
  private long entries;
  private long covered;
  private int matched;
  private boolean logBroken;

  private static final class ChainState {
    private final ChainVerifier verifier;
    private final HashColumn claimed;
    private long inLog;

    ChainState(ChainVerifier verifier, HashColumn claimed) {
      this.verifier = verifier;
      this.claimed = claimed;
    }
  }

  /**
   * What was found.
   *
   * @param entries how many there were
   * @param chains in how many chains
   * @param log how long the log was
   * @param covered how much of the log a checkpoint vouches for
   * @param checkpoints how many checkpoints the log agrees with
   * @param faults each with the first bad place it knows of; empty when all is good
   */
  public record Report(
      long entries, int chains, long log, long covered, int checkpoints, List<Fault> faults) {
    /** Copies the list. */
    public Report {
      faults = List.copyOf(faults);
    }
  }

  /**
   * @param trusted checkpoints whose signatures were checked, in any order; none means that only
   *     the chains are checked
   */
  public RecordVerifier(List<SignedCheckpoint> trusted) {
    this(trusted, Optional.empty());
  }

  /**
   * @param archives what the beginnings of chains that were cut must be found in; without them a
   *     cut is taken as it is said
   */
  public RecordVerifier(List<SignedCheckpoint> trusted, Optional<ArchivedChains> archives) {
    this.archives = archives;
    trusted.stream().sorted(Comparator.comparingLong(SignedCheckpoint::size)).forEach(ahead::add);
  }

  /** Takes the next item of the export. */
  public void accept(ExportItem item) {
    if (end.isPresent()) {
      outside("export: goes on after its end");
      return;
    }
    switch (item) {
      case ExportItem.Header header -> begin(header.log());
      case ExportItem.Note note -> {} // only a checkpoint from elsewhere proves anything
      case ExportItem.Cut cut -> cut(cut);
      case ExportItem.Entry(ClaimedEntry entry) -> entry(entry);
      case ExportItem.Leaf(ClaimedLeaf leaf) -> leaf(leaf);
      case ExportItem.End last -> end = Optional.of(last);
    }
  }

  private void begin(String id) {
    if (log.isPresent()) {
      outside("export: has two headers");
      return;
    }
    log = Optional.of(id);
    for (SignedCheckpoint checkpoint : ahead) {
      if (!checkpoint.origin().equals(id)) {
        outside("export: is of log " + id + " (expected: " + checkpoint.origin() + ")");
        logBroken = true;
        return;
      }
    }
    meetCheckpoints();
  }

  private void cut(ExportItem.Cut cut) {
    if (chains.containsKey(cut.chain()) || cut.seq() < 1) {
      faults.add(new Fault.AtEntry(cut.chain(), cut.seq(), "cut out of place"));
      return;
    }
    Optional<Fault> fault = archives.flatMap(it -> it.atCut(cut));
    fault.ifPresent(faults::add);
    HashColumn before =
        archives
            .filter(it -> fault.isEmpty())
            .map(it -> it.through(cut))
            .orElseGet(() -> {
              HashColumn last = new HashColumn(cut.seq());
              last.add(cut.hash());
              return last;
            });
    chains.put(
        cut.chain(),
        new ChainState(ChainVerifier.after(cut.chain(), cut.seq(), cut.hash()), before));
  }

  private void entry(ClaimedEntry entry) {
    entries++;
    ChainState state =
        chains.computeIfAbsent(
            entry.chain(),
            chain ->
                new ChainState(
                    ChainVerifier.fromGenesis(log.orElse(""), chain), new HashColumn(1)));
    state.verifier.check(entry).ifPresent(faults::add);
    if (archives.isPresent() && archives.get().differs(entry)) {
      faults.add(
          new Fault.AtEntry(entry.chain(), entry.seq(), "is not the entry that its archive has"));
    }
    if (entry.seq() == state.claimed.next()) {
      state.claimed.add(entry.hash());
    }
  }

  private void leaf(ClaimedLeaf leaf) {
    if (logBroken) {
      return;
    }
    long expected = tree.size();
    if (leaf.position() != expected) {
      logBroken = true;
      faults.add(new Fault.InLog(expected, expected, "missing or out of place"));
      return;
    }
    leaf.entry().ifPresent(place -> matchEntry(place, leaf));
    tree.add(leaf.hash());
    meetCheckpoints();
  }

  private void matchEntry(ClaimedLeaf.Place place, ClaimedLeaf leaf) {
    ChainState state = chains.get(place.chain());
    if (state == null) {
      faults.add(new Fault.AtEntry(place.chain(), place.seq(), "missing (found: its log place)"));
      ChainState unknown =
          new ChainState(
              ChainVerifier.after(place.chain(), place.seq(), leaf.hash()),
              new HashColumn(place.seq() + 1));
      unknown.inLog = place.seq();
      unknown.claimed.end();
      chains.put(place.chain(), unknown);
      return;
    }
    if (place.seq() != state.inLog + 1) {
      faults.add(
          new Fault.InLog(
              leaf.position(),
              leaf.position(),
              "is entry "
                  + place.seq()
                  + " of "
                  + place.chain()
                  + " (expected: "
                  + (state.inLog + 1)
                  + ")"));
    }
    state.inLog = place.seq();
    if (place.seq() >= state.claimed.next()) {
      faults.add(new Fault.AtEntry(place.chain(), place.seq(), "missing (found: its log place)"));
      state.claimed.end();
    } else if (state.claimed.differs(place.seq(), leaf.hash())) {
      faults.add(
          new Fault.AtEntry(place.chain(), place.seq(), "is not the entry that the log has"));
    }
  }

  private void meetCheckpoints() {
    while (!ahead.isEmpty() && !logBroken && ahead.getFirst().size() == tree.size()) {
      SignedCheckpoint checkpoint = ahead.removeFirst();
      if (tree.root().equals(checkpoint.root())) {
        covered = checkpoint.size();
        matched++;
      } else {
        logBroken = true;
        faults.add(
            new Fault.InLog(
                covered,
                Math.max(covered, checkpoint.size() - 1),
                "written anew (expected: the root of the checkpoint of size "
                    + checkpoint.size()
                    + ")"));
      }
    }
  }

  /** What was found, when there is no more to come. */
  public Report finish() {
    if (log.isEmpty()) {
      outside("export: empty (expected: a header)");
    }
    if (!ahead.isEmpty() && !logBroken && log.isPresent()) {
      if (tree.size() > covered) {
        faults.add(
            new Fault.InLog(covered, tree.size() - 1, "vouched for by no checkpoint any more"));
      }
      faults.add(
          new Fault.InLog(
              tree.size(), ahead.getLast().size() - 1, "missing (expected: as a checkpoint says)"));
    }
    if (end.isEmpty()) {
      outside("export: broken off (expected: a last line that counts the others)");
    } else if (end.get().entries() != entries) {
      outside("export: " + entries + " entries (expected: " + end.get().entries() + ")");
    }
    return new Report(entries, chains.size(), tree.size(), covered, matched, faults);
  }

  private void outside(String what) {
    faults.add(new Fault.Outside(what));
  }
}
