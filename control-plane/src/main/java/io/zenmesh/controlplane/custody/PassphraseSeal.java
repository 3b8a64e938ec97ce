package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Seals bytes under a passphrase: Argon2id (RFC 9106) makes a key of it, AES-256-GCM does the rest.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>64 MiB and 3 passes for each guess at the passphrase. Salt, cost and use are authenticated;
 * costs other than those we write are refused, so that a file can neither weaken nor stall its
 * reader. The passphrase is kept for as long as this is, off the heap, and zeroed with it.
 * Thread-safe.
 */
final class PassphraseSeal implements AutoCloseable {
  static final int LEAST_PASSPHRASE = 12;

  private static final byte[] MAGIC = "zen-sealed-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LANES = 1;
  private static final int SALT_BYTES = 16;
  private static final int HEAD_BYTES = MAGIC.length + 3 * Integer.BYTES + SALT_BYTES;

  private final OffHeapBytes passphrase;
  private final SecureRandom random;
  private final Cost cost;

  /**
   * What one guess costs. A file of another cost is refused: no file says how cheap its guesses
   * are.
   *
   * @param memoryKib in KiB
   * @param passes over it
   */
  record Cost(int memoryKib, int passes) {
    static final Cost FULL = new Cost(64 * 1024, 3);
  }

  /**
   * @param passphrase at least {@value #LEAST_PASSPHRASE} bytes; closed here, a copy is kept off
   *     the heap
   */
  PassphraseSeal(SecretBytes passphrase, SecureRandom random) {
    this(passphrase, random, Cost.FULL);
  }

  PassphraseSeal(SecretBytes passphrase, SecureRandom random, Cost cost) {
    this.cost = cost;
    if (passphrase.length() < LEAST_PASSPHRASE) {
      throw new CustodyException(
          "passphrase: too short (expected: at least " + LEAST_PASSPHRASE + " bytes)");
    }
    byte[] clear = passphrase.copy(SecretAccess.granted());
    this.passphrase = OffHeapBytes.copyOf(clear);
    Arrays.fill(clear, (byte) 0);
    passphrase.close();
    this.random = random;
  }

  /**
   * @param use tells uses apart: what was sealed for one does not open for another
   */
  byte[] seal(String use, byte[] clear) throws GeneralSecurityException {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] nonce = new byte[Gcm.NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] head =
        ByteBuffer.allocate(HEAD_BYTES)
            .put(MAGIC)
            .putInt(cost.memoryKib())
            .putInt(cost.passes())
            .putInt(LANES)
            .put(salt)
            .array();
    byte[] sealed = withKey(salt, key -> Gcm.encrypt(key, nonce, aad(head, use), clear));
    return ByteBuffer.allocate(head.length + nonce.length + sealed.length)
        .put(head)
        .put(nonce)
        .put(sealed)
        .array();
  }

  /**
   * @throws GeneralSecurityException when it was sealed under another passphrase or for another
   *     use, or is not of this form
   */
  byte[] open(String use, byte[] file) throws GeneralSecurityException {
    byte[] salt = new byte[SALT_BYTES];
    byte[] nonce = new byte[Gcm.NONCE_BYTES];
    ByteBuffer in = ByteBuffer.wrap(file);
    try {
      byte[] magic = new byte[MAGIC.length];
      in.get(magic);
      boolean known = Arrays.equals(magic, MAGIC);
      known &= in.getInt() == cost.memoryKib();
      known &= in.getInt() == cost.passes();
      known &= in.getInt() == LANES;
      if (!known) {
        throw new GeneralSecurityException("not a file sealed by a passphrase");
      }
      in.get(salt).get(nonce);
    } catch (BufferUnderflowException e) {
      throw new GeneralSecurityException("cut short", e);
    }
    byte[] sealed = new byte[in.remaining()];
    in.get(sealed);
    byte[] aad = aad(Arrays.copyOf(file, HEAD_BYTES), use);
    return withKey(salt, key -> Gcm.decrypt(key, nonce, aad, sealed, 0));
  }

  private static byte[] aad(byte[] head, String use) {
    byte[] name = use.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(head.length + name.length).put(head).put(name).array();
  }

  private interface KeyUse {
    byte[] on(byte[] key) throws GeneralSecurityException;
  }

  private byte[] withKey(byte[] salt, KeyUse use) throws GeneralSecurityException {
    byte[] key = new byte[Gcm.KEY_BYTES];
    byte[] clear = passphrase.copy();
    try {
      Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
      argon2.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(cost.memoryKib())
              .withIterations(cost.passes())
              .withParallelism(LANES)
              .withSalt(salt)
              .build());
      argon2.generateBytes(clear, key);
      return use.on(key);
    } finally {
      Arrays.fill(key, (byte) 0);
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public void close() {
    passphrase.close();
  }
}
