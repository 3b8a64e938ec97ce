package io.zenmesh.controlplane.custody;

/** Counts how often each key-encryption key was used, where a crash cannot lose it. Thread-safe. */
public interface WrapLedger {
  /**
   * How often one AES-GCM key may be used with random nonces (NIST SP 800-38D, section 8.3): 2^32.
   */
  long LIMIT = 1L << 32;

  /**
   * Notes that a key is going to be used up to {@code uses} more times.
   *
   * @throws CustodyException when that is more than {@link #LIMIT} in all, or the key was destroyed
   */
  void reserve(String kekId, int uses);
}
