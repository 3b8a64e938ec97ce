package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.NoteKey;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Base64;

/** Cosigns the text of checkpoints with the time: C2SP {@code cosignature/v1}. Thread-safe. */
public final class Cosigner {
  private final NoteKey key;
  private final InstantSource clock;

  /**
   * @param key of type {@link NoteKey#WITNESS}
   */
  public Cosigner(NoteKey key, InstantSource clock) {
    this.key = key;
    this.clock = clock;
  }

  /** The public key in the form verifiers take. */
  public String verifierKey() {
    return key.verifierKey();
  }

  /** A signature line with its line end, for the text of a checkpoint. */
  String line(String text) {
    long seconds = clock.instant().getEpochSecond();
    byte[] signed = key.sign(WitnessKey.message(text, seconds));
    ByteBuffer value = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + signed.length);
    value.put(key.id()).putLong(seconds).put(signed);
    return "\u2014 " + key.name() + " " + Base64.getEncoder().encodeToString(value.array()) + "\n";
  }
}
