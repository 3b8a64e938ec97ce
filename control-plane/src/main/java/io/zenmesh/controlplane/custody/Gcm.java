package io.zenmesh.controlplane.custody;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM with 96-bit nonces and 128-bit tags (NIST SP 800-38D), and no other form of it.
 * Stateless.
 */
final class Gcm {
  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  private Gcm() {}

  /** Ciphertext, then tag. */
  static byte[] encrypt(byte[] key, byte[] nonce, byte[] associatedData, byte[] clear)
      throws GeneralSecurityException {
    return cipher(Cipher.ENCRYPT_MODE, key, nonce, associatedData).doFinal(clear);
  }

  /**
   * @param sealed from {@code offset} on: ciphertext, then tag
   * @throws GeneralSecurityException when it does not open
   */
  static byte[] decrypt(byte[] key, byte[] nonce, byte[] associatedData, byte[] sealed, int offset)
      throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, key, nonce, associatedData)
        .doFinal(sealed, offset, sealed.length - offset);
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] associatedData)
      throws GeneralSecurityException {
    if (key.length != KEY_BYTES || nonce.length != NONCE_BYTES) {
      throw new InvalidKeyException(
          "key and nonce: " + key.length + " and " + nonce.length + " bytes (expected: 32 and 12)");
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    cipher.updateAAD(associatedData);
    return cipher;
  }
}
