package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Signs checkpoints as C2SP signed notes with Ed25519 (RFC 8032). Thread-safe.
 *
 * <p>The key is a seed of 32 bytes, derived in custody; whoever has the seed has the key.
 */
public final class CheckpointSigner {
  private final NoteKey key;

  private CheckpointSigner(NoteKey key) {
    this.key = key;
  }

  /**
   * Makes the signer of a key.
   *
   * @param name of the key, without blanks and plus signs: the id of the log
   * @param seed the private key, 32 bytes; stays the caller's to close
   */
  public static CheckpointSigner of(String name, SecretBytes seed) {
    return new CheckpointSigner(NoteKey.of(name, NoteKey.LOG, seed));
  }

  /** The checkpoint as a signed note. */
  public String sign(Checkpoint checkpoint) {
    String text = checkpoint.text();
    byte[] signed = key.sign(text);
    ByteBuffer line = ByteBuffer.allocate(Integer.BYTES + signed.length);
    line.put(key.id()).put(signed);
    return text
        + "\n\u2014 "
        + key.name()
        + " "
        + Base64.getEncoder().encodeToString(line.array())
        + "\n";
  }

  /** The public key in the form verifiers take: {@code name+id+key}. */
  public String verifierKey() {
    return key.verifierKey();
  }
}
