package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Decides at start whether the record may be continued: it must be the one that the newest
 * checkpoint, which lies outside the database, vouches for.
 */
public final class CheckpointStart {
  private CheckpointStart() {}

  /** How the record was found. */
  public enum Found {
    /** Nothing is on record and there is no checkpoint: a new installation. */
    NEW,
    /** The record continues its checkpoint. */
    PROVED,
    /** There was no checkpoint, and the operator takes the record as it is. */
    UNPROVED
  }

  /**
   * Proves the log against the newest checkpoint.
   *
   * @param log the id of the log in the database
   * @param acceptMissing whether the operator takes a record without a checkpoint as it is
   * @return how it was found
   * @throws AuditBrokenException when the record may not be continued
   */
  public static Found prove(
      CheckpointFiles files, String log, LogStore store, MerkleLog tree, boolean acceptMissing) {
    Optional<String> note;
    List<VerifierKey> keys;
    try {
      note = files.readNewest();
      keys = files.readVerifierKeys().orElse("").lines().map(VerifierKey::parse).toList();
    } catch (IOException | IllegalArgumentException e) {
      throw new AuditBrokenException("audit: " + files + " cannot be read: " + e.getMessage());
    }
    if (note.isPresent()) {
      store.from(tree.size(), tree::append);
      fault(note.get(), keys, log, tree)
          .ifPresent(fault -> {
            throw new AuditBrokenException(
                "audit: "
                    + files.newest()
                    + ": "
                    + fault
                    + "; the database is not the one this checkpoint was made of, or an older copy of"
                    + " it (expected: restore the newest, or move the folder away and start once with"
                    + " --accept-missing-checkpoint)");
          });
      return Found.PROVED;
    }
    if (!store.anyEntry()) {
      return Found.NEW;
    }
    if (acceptMissing) {
      store.from(tree.size(), tree::append);
      return Found.UNPROVED;
    }
    throw new AuditBrokenException(
        "audit: "
            + files.newest()
            + " is missing and the database holds a record (expected: the checkpoint; without it"
            + " nobody can tell whether the record is whole: start once with"
            + " --accept-missing-checkpoint to take it as it is)");
  }

  private static Optional<String> fault(
      String note, List<VerifierKey> keys, String log, MerkleLog tree) {
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(note);
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    if (!checkpoint.origin().equals(log)) {
      return Optional.of("is of log " + checkpoint.origin() + ", the database holds log " + log);
    }
    if (!checkpoint.signedBy(keys)) {
      return Optional.of("is not signed by a key of the folder");
    }
    if (checkpoint.size() > tree.size()) {
      return Optional.of(
          "covers " + checkpoint.size() + " entries, the database holds " + tree.size());
    }
    if (!tree.root(checkpoint.size()).equals(checkpoint.root())) {
      return Optional.of(
          "has another root than the first " + checkpoint.size() + " entries of the database");
    }
    return Optional.empty();
  }
}
