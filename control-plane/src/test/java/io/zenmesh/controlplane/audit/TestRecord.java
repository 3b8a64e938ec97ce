package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

/** A whole record in memory, with its log and checkpoints: what a database would hold. */
public final class TestRecord implements AuditView {
  private final Map<Name, List<ClaimedEntry>> chains = new TreeMap<>();
  private final List<ClaimedLeaf> leaves = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<Name, ExportItem.Cut> cuts = new TreeMap<>();
  private final CheckpointSigner signer;

  private TestRecord(CheckpointSigner signer) {
    this.signer = signer;
  }

  /**
   * Two chains, one after the other in the log, with a checkpoint in the middle and one at the end.
   *
   * @param covered where the last checkpoint is
   */
  public static TestRecord of(int acme, int globex, int covered) {
    return forked(acme, globex, covered, Integer.MAX_VALUE);
  }

  /** The same, with other entries in both chains from that number on. */
  public static TestRecord forked(int acme, int globex, int covered, int otherFrom) {
    try (SecretBytes key = TestEvents.seed()) {
      return of(CheckpointSigner.of(TestEvents.LOG, key), acme, globex, covered, otherFrom);
    }
  }

  /** Another record under the same key: what somebody with all rights could write. */
  public TestRecord rewritten(int acme, int globex, int covered, int otherFrom) {
    return of(signer, acme, globex, covered, otherFrom);
  }

  private static TestRecord of(
      CheckpointSigner signer, int acme, int globex, int covered, int otherFrom) {
    TestRecord record = new TestRecord(signer);
    MerkleLog tree =
        new MerkleLog((from, to) ->
            record.leaves.subList((int) from, (int) to).stream().map(ClaimedLeaf::hash).toList());
    for (Name chain : List.of(TestEvents.ACME, TestEvents.GLOBEX)) {
      int length = chain.equals(TestEvents.ACME) ? acme : globex;
      List<ClaimedEntry> entries =
          TestEvents.forked(chain, length, otherFrom).stream().map(TestEvents::claimed).toList();
      record.chains.put(chain, entries);
      for (ClaimedEntry entry : entries) {
        record.leaves.add(
            new ClaimedLeaf(
                record.leaves.size(),
                Optional.of(new ClaimedLeaf.Place(entry.chain(), entry.seq())),
                entry.hash()));
        tree.append(entry.hash());
        if (tree.size() == covered / 2 || tree.size() == covered) {
          record.notes.add(
              record.signer.sign(new Checkpoint(TestEvents.LOG, tree.size(), tree.root())));
        }
      }
    }
    return record;
  }

  /** The same, cut off behind a place of the log, entries and all. */
  public TestRecord upTo(int size) {
    TestRecord cut = new TestRecord(signer);
    cut.leaves.addAll(leaves.subList(0, size));
    chains.forEach((chain, entries) ->
        cut.chains.put(
            chain,
            entries.stream()
                .filter(entry ->
                    cut.leaves.stream()
                        .anyMatch(leaf ->
                            leaf.entry()
                                .equals(
                                    Optional.of(
                                        new ClaimedLeaf.Place(entry.chain(), entry.seq())))))
                .toList()));
    return cut;
  }

  /** The same after a chain's entries up to that number were pruned; the log stays. */
  public TestRecord prunedTo(Name chain, long seq) {
    TestRecord pruned = new TestRecord(signer);
    pruned.leaves.addAll(leaves);
    pruned.notes.addAll(notes);
    pruned.chains.putAll(chains);
    List<ClaimedEntry> entries = chains.getOrDefault(chain, List.of());
    pruned.chains.put(chain, entries.stream().filter(it -> it.seq() > seq).toList());
    pruned.cuts.putAll(cuts);
    pruned.cuts.put(
        chain, new ExportItem.Cut(chain.value(), seq, entries.get((int) seq - 1).hash()));
    return pruned;
  }

  /** What is archived of a chain when it was pruned up to before {@code from}, gzip. */
  public byte[] archive(Name chain, long from, long to) throws IOException {
    return archive(chain, from, to, leaves.size(), Optional.of(notes.getLast()));
  }

  /** The checkpoint at the end of the log. */
  public String lastNote() {
    return notes.getLast();
  }

  /** The checkpoint in the middle of the log. */
  public String firstNote() {
    return notes.getFirst();
  }

  /** The same with less of the log, and another checkpoint or none. */
  public byte[] archive(Name chain, long from, long to, long places, Optional<String> note)
      throws IOException {
    TestRecord before = from == 1 ? this : prunedTo(chain, from - 1);
    ClaimedEntry last = chains.getOrDefault(chain, List.of()).get((int) to - 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = new GZIPOutputStream(out)) {
      AuditExport.write(
          new SegmentView(before, new Segment(chain, from, 0, to, last.hash()), places),
          Optional.of(chain),
          note,
          packed);
    }
    return out.toByteArray();
  }

  /** The signed notes, one after the other. */
  public String notes() {
    return String.join("\n", notes);
  }

  /** The public key. */
  public String verifierKey() {
    return signer.verifierKey();
  }

  /** As a file. */
  public byte[] export() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AuditExport.write(this, Optional.empty(), Optional.empty(), out);
    return out.toByteArray();
  }

  @Override
  public String log() {
    return TestEvents.LOG;
  }

  @Override
  public List<ChainHead> heads() {
    return chains.entrySet().stream()
        .filter(it -> !it.getValue().isEmpty())
        .map(it -> {
          ClaimedEntry last = it.getValue().getLast();
          return new ChainHead(it.getKey(), last.seq(), last.timeMicros(), last.hash());
        })
        .toList();
  }

  @Override
  public Optional<ExportItem.Cut> cut(Name chain) {
    return Optional.ofNullable(cuts.get(chain));
  }

  @Override
  public void entries(Name chain, long after, long through, Consumer<ClaimedEntry> to) {
    chains.getOrDefault(chain, List.of()).stream()
        .filter(it -> it.seq() > after && it.seq() <= through)
        .forEach(to);
  }

  @Override
  public void leaves(long from, long until, Consumer<ClaimedLeaf> to) {
    leaves.stream().filter(it -> it.position() >= from && it.position() < until).forEach(to);
  }
}
