package io.zenmesh.controlplane.custody;

/**
 * A secret as it lies in the database: ciphertext, and the data key it is under, wrapped. Means
 * nothing without the tenant, name and version it was sealed for. Immutable.
 */
public final class SealedSecret {
  private final String algorithm;
  private final String kekId;
  private final byte[] wrappedKey;
  private final byte[] ciphertext;

  /**
   * @param algorithm what the ciphertext was made with
   * @param kekId the key the data key is wrapped under
   * @param wrappedKey the data key, wrapped
   * @param ciphertext 12 bytes of nonce, then ciphertext and tag
   */
  public SealedSecret(String algorithm, String kekId, byte[] wrappedKey, byte[] ciphertext) {
    this.algorithm = algorithm;
    this.kekId = kekId;
    this.wrappedKey = wrappedKey.clone();
    this.ciphertext = ciphertext.clone();
  }

  public String algorithm() {
    return algorithm;
  }

  public String kekId() {
    return kekId;
  }

  public byte[] wrappedKey() {
    return wrappedKey.clone();
  }

  public byte[] ciphertext() {
    return ciphertext.clone();
  }

  @Override
  public String toString() {
    return "SealedSecret[" + algorithm + ", kek " + kekId + "]";
  }
}
