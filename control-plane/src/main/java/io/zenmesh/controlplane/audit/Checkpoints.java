package io.zenmesh.controlplane.audit;

import java.util.List;
import java.util.Optional;

/** The newest checkpoint, and proofs against it. Thread-safe. */
public interface Checkpoints {
  /** As a signed note; empty before the first. */
  Optional<String> newest();

  /** The public key it is signed with, as verifiers take it. */
  String verifierKey();

  /**
   * That key and every one that an older checkpoint of this record was signed with, oldest first: a
   * checkpoint is to be verified for ever, so none of them ends.
   */
  List<String> verifierKeys();

  /** Proves that the entry at a position is in the log; empty when no checkpoint covers it yet. */
  Optional<Proof> inclusion(long position);

  /**
   * Proves that the newest checkpoint's log begins with all of the log of an older size; empty when
   * it was never that long.
   */
  Optional<Proof> consistency(long size);

  /**
   * A proof.
   *
   * @param checkpoint the signed note that it leads to
   * @param size of that note's log
   * @param path hashes of the tree, as RFC 6962 orders them
   */
  record Proof(String checkpoint, long size, List<Hash> path) {
    /** Copies the list. */
    public Proof {
      path = List.copyOf(path);
    }
  }
}
