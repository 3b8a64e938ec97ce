package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks what is said to have happened under one correlation id: each entry is what its hash says,
 * and its hash is in the log of a checkpoint that was signed. Immutable, thread-safe.
 *
 * <p>That nothing else happened under the id is not shown by this: that needs the whole chain.
 */
public final class EvidenceVerifier {
  private final String log;
  private final String chain;
  private final String correlation;
  private final List<VerifierKey> keys;

  /**
   * @param log the id of the log
   * @param chain whose entries they are said to be
   * @param keys those that a checkpoint may be signed with
   */
  public EvidenceVerifier(String log, String chain, String correlation, List<VerifierKey> keys) {
    this.log = log;
    this.chain = chain;
    this.correlation = correlation;
    this.keys = List.copyOf(keys);
  }

  /**
   * One entry as it is shown.
   *
   * @param previous the hash that it is tied to; empty for the first of a chain
   * @param position in the log; empty while it has none
   * @param proof that the log has it; empty while no checkpoint covers it
   */
  public record Item(
      ClaimedEntry entry,
      Optional<Hash> previous,
      Optional<Long> position,
      Optional<Proof> proof) {}

  /**
   * An RFC 6962 inclusion proof.
   *
   * @param checkpoint the signed note
   * @param size how many entries the log had
   */
  public record Proof(String checkpoint, long size, List<Hash> path) {
    /** Copies the list. */
    public Proof {
      path = List.copyOf(path);
    }
  }

  /**
   * What became of it.
   *
   * @param proved how many entries are what they say and in the log
   * @param uncovered how many are what they say, but no checkpoint covers them yet
   * @param faults one for each of the others
   */
  public record Report(int proved, int uncovered, List<Fault> faults) {
    /** Copies the list. */
    public Report {
      faults = List.copyOf(faults);
    }
  }

  /** Checks every entry. */
  public Report check(List<Item> items) {
    long provedTo =
        items.stream()
            .filter(it -> it.proof().isPresent())
            .mapToLong(it -> it.entry().seq())
            .max()
            .orElse(0);
    List<Fault> faults = new ArrayList<>();
    int proved = 0;
    int uncovered = 0;
    for (Item item : items) {
      Optional<Fault> fault =
          ofEntry(item)
              .or(() -> item.proof().flatMap(it -> ofProof(item, it)))
              .or(() -> ofMissingProof(item, provedTo));
      if (fault.isPresent()) {
        faults.add(fault.get());
      } else if (item.proof().isPresent()) {
        proved++;
      } else {
        uncovered++;
      }
    }
    return new Report(proved, uncovered, faults);
  }

  private Optional<Fault> ofEntry(Item item) {
    ClaimedEntry entry = item.entry();
    if (!entry.correlation().equals(correlation)) {
      return at(entry, "is of another correlation id");
    }
    boolean first = entry.seq() == 1;
    if (first == item.previous().isPresent()) {
      return at(entry, first ? "is tied to one before the first" : "is tied to nothing");
    }
    ChainVerifier tied =
        item.previous()
            .map(it -> ChainVerifier.after(chain, entry.seq() - 1, it))
            .orElseGet(() -> ChainVerifier.fromGenesis(log, chain));
    return tied.check(entry);
  }

  /** The log takes the entries of a chain in their order. */
  private Optional<Fault> ofMissingProof(Item item, long provedTo) {
    return item.proof().isEmpty() && item.entry().seq() < provedTo
        ? at(item.entry(), "has no proof, and a later one has")
        : Optional.empty();
  }

  private Optional<Fault> ofProof(Item item, Proof proof) {
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(proof.checkpoint());
    } catch (IllegalArgumentException e) {
      return at(item.entry(), "its checkpoint is no signed note");
    }
    if (!checkpoint.origin().equals(log) || !checkpoint.signedBy(keys)) {
      return at(item.entry(), "its checkpoint is not signed by a key that is trusted");
    }
    boolean included =
        checkpoint.size() == proof.size()
            && item.position()
                .filter(position ->
                    new TreeVerifier()
                        .includes(
                            item.entry().hash(),
                            position,
                            proof.size(),
                            proof.path(),
                            checkpoint.root()))
                .isPresent();
    return included
        ? Optional.empty()
        : at(item.entry(), "its proof does not lead to the checkpoint");
  }

  private Optional<Fault> at(ClaimedEntry entry, String what) {
    return Optional.of(new Fault.AtEntry(chain, entry.seq(), what));
  }
}
