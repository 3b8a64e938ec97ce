package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A private Ed25519 key (RFC 8032) that signs C2SP signed notes under a name. Thread-safe.
 *
 * <p>The key is a seed of 32 bytes; whoever has the seed has the key. The type byte of C2SP signed
 * notes keeps keys of logs (1) and of witnesses (4) apart.
 */
public final class NoteKey {
  /** The type of a key that signs notes itself. */
  public static final byte LOG = 1;

  /** The type of a key that cosigns notes with a time. */
  public static final byte WITNESS = 4;

  /** How long a seed is, in bytes. */
  public static final int SEED_BYTES = 32;

  private static final String ALGORITHM = "Ed25519";
  private static final int PUBLIC = 32;

  private final String name;
  private final byte type;
  private final PrivateKey key;
  private final byte[] publicKey;

  private NoteKey(String name, byte type, PrivateKey key, byte[] publicKey) {
    this.name = name;
    this.type = type;
    this.key = key;
    this.publicKey = publicKey;
  }

  /**
   * Makes the key of a seed.
   *
   * @param name without blanks and plus signs
   * @param type {@link #LOG} or {@link #WITNESS}
   * @param seed 32 bytes; stays the caller's to close
   * @throws IllegalArgumentException when the seed has another length
   */
  public static NoteKey of(String name, byte type, SecretBytes seed) {
    if (seed.length() != SEED_BYTES) {
      throw new IllegalArgumentException(
          "checkpoint key: " + seed.length() + " bytes (expected: " + SEED_BYTES + ")");
    }
    byte[] bytes = seed.copy(SecretAccess.granted());
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
      // The JDK makes a public key only together with a private one, which is what it draws.
      generator.initialize(NamedParameterSpec.ED25519, new Drawn(bytes));
      KeyPair pair = generator.generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      // The last 32 bytes of a SubjectPublicKeyInfo of Ed25519 are the key itself (RFC 8410).
      byte[] publicKey = Arrays.copyOfRange(encoded, encoded.length - PUBLIC, encoded.length);
      return new NoteKey(name, type, pair.getPrivate(), publicKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 is missing from the JDK", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Gives out the bytes it was made with. */
  private static final class Drawn extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] bytes;

    Drawn(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] to) {
      if (to.length != bytes.length) {
        throw new IllegalStateException("draw: " + to.length + " bytes (expected: the seed's)");
      }
      System.arraycopy(bytes, 0, to, 0, to.length);
    }
  }

  /** What signature lines bear. */
  public String name() {
    return name;
  }

  /** The signature over a text, 64 bytes. */
  public byte[] sign(String text) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("checkpoint: cannot be signed", e);
    }
  }

  /** The public key in the form verifiers take: {@code name+id+key}. */
  public String verifierKey() {
    byte[] typed = new byte[1 + PUBLIC];
    typed[0] = type;
    System.arraycopy(publicKey, 0, typed, 1, PUBLIC);
    return name
        + "+"
        + HexFormat.of().formatHex(id())
        + "+"
        + Base64.getEncoder().encodeToString(typed);
  }

  /** The key's id, 4 bytes. */
  public byte[] id() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(name.getBytes(StandardCharsets.UTF_8));
      sha256.update(new byte[] {'\n', type});
      return Arrays.copyOf(sha256.digest(publicKey), Integer.BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }
}
