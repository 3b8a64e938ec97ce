package io.zenmesh.extproc.signature;

/**
 * What makes a message the same as an earlier one, by its scheme's replay rule; never signature
 * bytes, never an unsigned header alone where security hangs on it (docs/adr/0007).
 */
public final class ReplaySubject {
  private final ReplayRule.By by;
  private final byte[] value;

  ReplaySubject(ReplayRule.By by, byte[] value) {
    this.by = by;
    this.value = value;
  }

  public ReplayRule.By by() {
    return by;
  }

  /** The nonce, the id, or SHA-256 of the signed content; empty for {@link ReplayRule.By#NONE}. */
  public byte[] value() {
    return value.clone();
  }
}
