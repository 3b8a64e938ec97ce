package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.TreeVerifier;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.util.List;
import java.util.Optional;

/** What a witness answers to one request, decided without any effect. */
sealed interface Verdict {
  /** It continues what was cosigned before, or is the first. */
  record Cosign(SignedCheckpoint.SignatureLine signature) implements Verdict {}

  /** The size believed is not the one cosigned last, or there is another log of that size. */
  record Conflict(long size) implements Verdict {}

  /** It is not cosigned. */
  record Refuse(Reason reason) implements Verdict {}

  /** Why, with the status of HTTP that says so. */
  enum Reason {
    MALFORMED(400),
    NOT_SIGNED(403),
    ORIGIN_UNKNOWN(404),
    NOT_CONSISTENT(422);

    private final int status;

    Reason(int status) {
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /**
   * Decides.
   *
   * @param keys of the log that the checkpoint says it is of; none when it is unknown
   * @param last what was cosigned last of that log
   */
  static Verdict of(AddCheckpoint asked, List<VerifierKey> keys, Optional<SignedCheckpoint> last) {
    if (keys.isEmpty()) {
      return new Refuse(Reason.ORIGIN_UNKNOWN);
    }
    SignedCheckpoint checkpoint = asked.checkpoint();
    Optional<SignedCheckpoint.SignatureLine> signature =
        checkpoint.signatures().stream()
            .filter(it -> only(checkpoint, it).signedBy(keys))
            .findFirst();
    if (signature.isEmpty()) {
      return new Refuse(Reason.NOT_SIGNED);
    }
    if (asked.old() > checkpoint.size()) {
      return new Refuse(Reason.MALFORMED);
    }
    long size = last.map(SignedCheckpoint::size).orElse(0L);
    if (asked.old() != size) {
      return new Conflict(size);
    }
    if (last.isPresent()
        && size == checkpoint.size()
        && !last.get().root().equals(checkpoint.root())) {
      return new Conflict(size);
    }
    return consistent(asked, last)
        ? new Cosign(signature.get())
        : new Refuse(Reason.NOT_CONSISTENT);
  }

  private static boolean consistent(AddCheckpoint asked, Optional<SignedCheckpoint> last) {
    SignedCheckpoint checkpoint = asked.checkpoint();
    if (asked.old() == 0) {
      // Every log continues the empty one, which has one root.
      Hash empty = new TreeVerifier().root();
      return asked.proof().isEmpty() && (checkpoint.size() > 0 || checkpoint.root().equals(empty));
    }
    return last.isPresent()
        && new TreeVerifier()
            .continues(
                asked.old(),
                last.get().root(),
                checkpoint.size(),
                checkpoint.root(),
                asked.proof());
  }

  /** The checkpoint as if it had this signature alone. */
  private static SignedCheckpoint only(
      SignedCheckpoint checkpoint, SignedCheckpoint.SignatureLine line) {
    return new SignedCheckpoint(
        checkpoint.origin(),
        checkpoint.size(),
        checkpoint.root(),
        checkpoint.text(),
        List.of(line));
  }
}
