package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.EvidenceVerifier;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import java.util.List;
import java.util.Optional;

/** The audit record as the API shows it. */
public final class RecordView {
  private RecordView() {}

  /**
   * An entry.
   *
   * @param time microseconds since 1970-01-01T00:00:00Z
   * @param position its place in the log; absent while it has none
   */
  public record Entry(
      long seq,
      long time,
      String actorKind,
      String actor,
      String action,
      String object,
      String outcome,
      String reason,
      String correlation,
      String hash,
      Optional<Long> position) {
    static Entry of(ChainReader.Recorded recorded) {
      ClaimedEntry entry = recorded.entry();
      return new Entry(
          entry.seq(),
          entry.timeMicros(),
          entry.actorKind(),
          entry.actorId(),
          entry.action(),
          entry.object(),
          entry.outcome(),
          entry.reason(),
          entry.correlation(),
          entry.hash().toString(),
          recorded.position());
    }

    /** The same as a verifier takes it. */
    public ClaimedEntry claimed(String chain) {
      return new ClaimedEntry(
          chain,
          seq,
          time,
          actorKind,
          actor,
          action,
          object,
          outcome,
          reason,
          correlation,
          Hash.parse(hash));
    }
  }

  /** Entries in order. */
  public record Entries(List<Entry> entries) {
    /** Copies the list. */
    public Entries {
      entries = List.copyOf(entries);
    }
  }

  /**
   * A place in the log.
   *
   * @param seq which entry of the chain asked for; absent where it is another chain's
   */
  public record Leaf(long position, Optional<Long> seq, String hash) {
    static Leaf of(ClaimedLeaf leaf) {
      return new Leaf(
          leaf.position(), leaf.entry().map(ClaimedLeaf.Place::seq), leaf.hash().toString());
    }
  }

  /**
   * Where a chain was cut when its beginning was archived.
   *
   * @param seq the last entry that went
   */
  public record Cut(long seq, String hash) {
    static Cut of(ExportItem.Cut cut) {
      return new Cut(cut.seq(), cut.hash().toString());
    }
  }

  /**
   * Places in order.
   *
   * @param cut of the chain asked for; absent while it is whole
   */
  public record Leaves(String log, Optional<Cut> cut, List<Leaf> leaves) {
    /** Copies the list. */
    public Leaves {
      leaves = List.copyOf(leaves);
    }
  }

  /** The newest checkpoint; absent before the first. */
  public record Newest(Optional<String> checkpoint, String verifierKey) {}

  /**
   * An entry, what it is tied to, and the proof that the log has it.
   *
   * @param previous the hash of the entry before; absent for the first of a chain
   * @param proof absent while no checkpoint covers it
   */
  public record Proved(Entry entry, Optional<String> previous, Optional<Proof> proof) {
    /**
     * The same as a verifier takes it.
     *
     * @throws IllegalArgumentException when a hash has another form
     */
    public EvidenceVerifier.Item item(String chain) {
      return new EvidenceVerifier.Item(
          entry.claimed(chain),
          previous.map(Hash::parse),
          entry.position(),
          proof.map(it ->
              new EvidenceVerifier.Proof(
                  it.checkpoint(), it.size(), it.path().stream().map(Hash::parse).toList())));
    }
  }

  /** Hashes of the tree that lead to the root of a checkpoint, in hex. */
  public record Proof(String checkpoint, long size, List<String> path) {
    /** Copies the list. */
    public Proof {
      path = List.copyOf(path);
    }

    static Proof of(Checkpoints.Proof proof) {
      return new Proof(
          proof.checkpoint(), proof.size(), proof.path().stream().map(Hash::toString).toList());
    }
  }

  /**
   * What is on record under one id in one chain.
   *
   * @param next the cursor of the page behind it; absent on the last
   */
  public record Evidence(
      String log, String chain, String correlation, List<Proved> entries, Optional<String> next) {
    /** Copies the list. */
    public Evidence {
      entries = List.copyOf(entries);
    }
  }
}
