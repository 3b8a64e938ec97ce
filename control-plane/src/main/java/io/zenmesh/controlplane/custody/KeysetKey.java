package io.zenmesh.controlplane.custody;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * One AES-256-GCM key of a keyset. Writes and reads what Tink does (prefix, nonce, ciphertext,
 * tag), but keeps the key off the heap: Tink's own primitive keeps it there, and leaves a copy with
 * each thread that used it. Thread-safe.
 */
final class KeysetKey implements AutoCloseable {
  private final byte[] prefix;
  private final OffHeapBytes key;
  private final SecureRandom random;

  /**
   * @throws GeneralSecurityException when it is not of the one form that we make
   */
  @AccessesPartialKey
  KeysetKey(AesGcmKey tink, SecureRandom random) throws GeneralSecurityException {
    AesGcmParameters form = tink.getParameters();
    if (form.getKeySizeBytes() != Gcm.KEY_BYTES
        || form.getIvSizeBytes() != Gcm.NONCE_BYTES
        || form.getTagSizeBytes() != Gcm.TAG_BYTES) {
      throw new GeneralSecurityException("keyset holds a key that is not AES-256-GCM");
    }
    this.prefix = tink.getOutputPrefix().toByteArray();
    this.random = random;
    byte[] clear = tink.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get());
    try {
      this.key = OffHeapBytes.copyOf(clear);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  byte[] encrypt(byte[] clear, byte[] associatedData) throws GeneralSecurityException {
    byte[] nonce = new byte[Gcm.NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] opened = key.copy();
    try {
      byte[] sealed = Gcm.encrypt(opened, nonce, associatedData, clear);
      byte[] whole = Arrays.copyOf(prefix, prefix.length + nonce.length + sealed.length);
      System.arraycopy(nonce, 0, whole, prefix.length, nonce.length);
      System.arraycopy(sealed, 0, whole, prefix.length + nonce.length, sealed.length);
      return whole;
    } finally {
      Arrays.fill(opened, (byte) 0);
    }
  }

  byte[] decrypt(byte[] whole, byte[] associatedData) throws GeneralSecurityException {
    int head = prefix.length + Gcm.NONCE_BYTES;
    if (whole.length < head + Gcm.TAG_BYTES
        || !Arrays.equals(whole, 0, prefix.length, prefix, 0, prefix.length)) {
      throw new GeneralSecurityException("not made with this key");
    }
    byte[] nonce = Arrays.copyOfRange(whole, prefix.length, head);
    byte[] opened = key.copy();
    try {
      return Gcm.decrypt(opened, nonce, associatedData, whole, head);
    } finally {
      Arrays.fill(opened, (byte) 0);
    }
  }

  @Override
  public void close() {
    key.close();
  }
}
