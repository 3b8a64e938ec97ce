package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets for the database and opens them again.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>AES-256-GCM under a fresh data key for each version of each secret, with a random 96-bit nonce
 * (NIST SP 800-38D): no nonce can repeat under a key. Tenant, secret, version and algorithm are
 * authenticated, so a ciphertext moved to another row does not open. Plaintext and data keys live
 * in arrays that are zeroed. Thread-safe.
 */
public final class Envelope {
  /** The one algorithm; another name in a row is an error, never a choice. */
  static final String ALGORITHM = "AES256_GCM";

  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final KeyWrapper wrapper;
  private final SecureRandom random;

  public Envelope(KeyWrapper wrapper, SecureRandom random) {
    this.wrapper = wrapper;
    this.random = random;
  }

  /** Seals {@code plaintext}, which stays the caller's to close. */
  public SealedSecret seal(SecretRef ref, long version, SecretBytes plaintext) {
    byte[] key = new byte[KEY_BYTES];
    random.nextBytes(key);
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] clear = plaintext.copy(SecretAccess.granted());
    try (SecretBytes dataKey = SecretBytes.copyOf(key)) {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, key, nonce, AssociatedData.ofData(ref, version, ALGORITHM))
              .doFinal(clear);
      byte[] ciphertext = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, ciphertext, NONCE_BYTES, sealed.length);
      String kekId = wrapper.kekId();
      byte[] wrapped = wrapper.wrap(dataKey, AssociatedData.ofWrap(ref, version, ALGORITHM, kekId));
      return new SealedSecret(ALGORITHM, kekId, wrapped, ciphertext);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("secret " + ref + ": cannot be sealed", e);
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(clear, (byte) 0);
    }
  }

  /**
   * Opens what {@link #seal} sealed for the same secret and version.
   *
   * @throws SealBrokenException when it does not open
   */
  public SecretBytes open(SecretRef ref, long version, SealedSecret sealed) {
    if (!ALGORITHM.equals(sealed.algorithm())) {
      throw new SealBrokenException(
          "secret " + ref + ": algorithm unknown (expected: " + ALGORITHM + ")");
    }
    byte[] ciphertext = sealed.ciphertext();
    if (ciphertext.length < NONCE_BYTES + TAG_BITS / Byte.SIZE) {
      throw new SealBrokenException("secret " + ref + ": ciphertext cut short");
    }
    byte[] wrapAad = AssociatedData.ofWrap(ref, version, ALGORITHM, sealed.kekId());
    byte[] key = new byte[0];
    try (SecretBytes dataKey = wrapper.unwrap(sealed.kekId(), sealed.wrappedKey(), wrapAad)) {
      key = dataKey.copy(SecretAccess.granted());
      Cipher cipher =
          cipher(
              Cipher.DECRYPT_MODE,
              key,
              Arrays.copyOf(ciphertext, NONCE_BYTES),
              AssociatedData.ofData(ref, version, ALGORITHM));
      return SecretBytes.takeOver(
          cipher.doFinal(ciphertext, NONCE_BYTES, ciphertext.length - NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      throw new SealBrokenException("secret " + ref + " version " + version + ": does not open", e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] associatedData)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(associatedData);
    return cipher;
  }
}
