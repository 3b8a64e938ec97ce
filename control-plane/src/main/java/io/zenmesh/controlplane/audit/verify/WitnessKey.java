package io.zenmesh.controlplane.audit.verify;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * A key that cosignatures of a witness are checked with: C2SP tlog-cosignature, {@code
 * cosignature/v1}, in the form {@code name+id+key}. Immutable and thread-safe.
 */
public final class WitnessKey {
  private static final byte TYPE = 4;
  private static final int ID = Integer.BYTES;
  private static final int TIME = Long.BYTES;
  private static final int SIGNATURE = 64;

  private final VerifierKey key;

  private WitnessKey(VerifierKey key) {
    this.key = key;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it has another form, its id is not that of its key, or it
   *     is the key of a log
   */
  public static WitnessKey parse(String text) {
    return new WitnessKey(VerifierKey.parse(text, TYPE));
  }

  /** Its name, which signature lines bear. */
  public String name() {
    return key.name();
  }

  /** What is signed: the text of a checkpoint, and when in seconds since 1970. */
  public static String message(String text, long seconds) {
    return "cosignature/v1\ntime " + seconds + "\n" + text;
  }

  /** When this key has cosigned it, as it says; empty when no line of it is good. */
  public Optional<Instant> cosigned(SignedCheckpoint checkpoint) {
    for (SignedCheckpoint.SignatureLine line : checkpoint.signatures()) {
      Optional<Instant> time = time(checkpoint.text(), line);
      if (time.isPresent()) {
        return time;
      }
    }
    return Optional.empty();
  }

  private Optional<Instant> time(String text, SignedCheckpoint.SignatureLine line) {
    byte[] value;
    try {
      value = Base64.getDecoder().decode(line.value());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (value.length != ID + TIME + SIGNATURE
        || !key.answersTo(line.name(), Arrays.copyOf(value, ID))) {
      return Optional.empty();
    }
    long seconds = ByteBuffer.wrap(value, ID, TIME).getLong();
    // The fields are unsigned; a time beyond the year 9999 is nobody's.
    if (seconds < 0 || seconds > Instant.parse("9999-12-31T00:00:00Z").getEpochSecond()) {
      return Optional.empty();
    }
    byte[] signed = Arrays.copyOfRange(value, ID + TIME, value.length);
    return key.verifies(message(text, seconds), signed)
        ? Optional.of(Instant.ofEpochSecond(seconds))
        : Optional.empty();
  }
}
