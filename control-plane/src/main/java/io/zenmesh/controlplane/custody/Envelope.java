package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

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

  private final KeyWrapper wrapper;
  private final SecureRandom random;

  public Envelope(KeyWrapper wrapper, SecureRandom random) {
    this.wrapper = wrapper;
    this.random = random;
  }

  /** Seals {@code plaintext}, which stays the caller's to close. */
  public SealedSecret seal(SecretRef ref, long version, SecretBytes plaintext) {
    byte[] key = new byte[Gcm.KEY_BYTES];
    random.nextBytes(key);
    byte[] nonce = new byte[Gcm.NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] clear = plaintext.copy(SecretAccess.granted());
    try (SecretBytes dataKey = SecretBytes.copyOf(key)) {
      byte[] sealed =
          Gcm.encrypt(key, nonce, AssociatedData.ofData(ref, version, ALGORITHM), clear);
      byte[] ciphertext = Arrays.copyOf(nonce, Gcm.NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, ciphertext, Gcm.NONCE_BYTES, sealed.length);
      String kekId = wrapper.kekId();
      byte[] wrapped =
          wrapper.wrap(kekId, dataKey, AssociatedData.ofWrap(ref, version, ALGORITHM, kekId));
      return new SealedSecret(ALGORITHM, kekId, wrapped, ciphertext);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("secret " + ref + ": cannot be sealed", e);
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(clear, (byte) 0);
    }
  }

  /**
   * The same secret with its data key wrapped under the current key; the ciphertext is not touched,
   * and nothing but the data key is opened.
   *
   * @throws SealBrokenException when the data key does not open
   */
  SealedSecret rewrap(SecretRef ref, long version, SealedSecret sealed) {
    String kekId = wrapper.kekId();
    byte[] before = AssociatedData.ofWrap(ref, version, sealed.algorithm(), sealed.kekId());
    byte[] after = AssociatedData.ofWrap(ref, version, sealed.algorithm(), kekId);
    try (SecretBytes dataKey = wrapper.unwrap(sealed.kekId(), sealed.wrappedKey(), before)) {
      return new SealedSecret(
          sealed.algorithm(), kekId, wrapper.wrap(kekId, dataKey, after), sealed.ciphertext());
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
    if (ciphertext.length < Gcm.NONCE_BYTES + Gcm.TAG_BYTES) {
      throw new SealBrokenException("secret " + ref + ": ciphertext cut short");
    }
    byte[] wrapAad = AssociatedData.ofWrap(ref, version, ALGORITHM, sealed.kekId());
    byte[] key = new byte[0];
    try (SecretBytes dataKey = wrapper.unwrap(sealed.kekId(), sealed.wrappedKey(), wrapAad)) {
      key = dataKey.copy(SecretAccess.granted());
      return SecretBytes.takeOver(
          Gcm.decrypt(
              key,
              Arrays.copyOf(ciphertext, Gcm.NONCE_BYTES),
              AssociatedData.ofData(ref, version, ALGORITHM),
              ciphertext,
              Gcm.NONCE_BYTES));
    } catch (GeneralSecurityException e) {
      throw new SealBrokenException("secret " + ref + " version " + version + ": does not open", e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }
}
