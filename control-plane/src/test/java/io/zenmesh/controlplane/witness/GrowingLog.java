package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.AuditEntry;
import io.zenmesh.controlplane.audit.Checkpoint;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.TestEvents;
import java.util.List;

/** A log with its signer, which can show a checkpoint and a proof of each of its sizes. */
final class GrowingLog {
  private final CheckpointSigner signer;
  private final MerkleLog tree;

  /** Entries up to before {@code otherFrom} are the same in every log. */
  GrowingLog(CheckpointSigner signer, int length, int otherFrom) {
    List<Hash> hashes =
        TestEvents.forked(TestEvents.ACME, length, otherFrom).stream()
            .map(AuditEntry::hash)
            .toList();
    this.signer = signer;
    this.tree = new MerkleLog((from, to) -> hashes.subList((int) from, (int) to));
    hashes.forEach(tree::append);
  }

  String note(long size) {
    return signer.sign(new Checkpoint(TestEvents.LOG, size, tree.root(size)));
  }

  List<Hash> proof(long old, long size) {
    return old == 0 || old == size ? List.of() : tree.consistency(old, size);
  }

  /** The request for a size, with an honest proof. */
  String request(long old, long size) {
    return AddCheckpoint.form(old, proof(old, size), note(size));
  }
}
