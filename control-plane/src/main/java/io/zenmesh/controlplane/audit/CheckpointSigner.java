package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
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
 * Signs checkpoints as C2SP signed notes with Ed25519 (RFC 8032). Thread-safe.
 *
 * <p>The key is a seed of 32 bytes, derived in custody; whoever has the seed has the key.
 */
public final class CheckpointSigner {
  private static final String ALGORITHM = "Ed25519";
  private static final byte TYPE = 1;
  private static final int SEED = 32;
  private static final int PUBLIC = 32;

  private final String name;
  private final PrivateKey key;
  private final byte[] publicKey;

  private CheckpointSigner(String name, PrivateKey key, byte[] publicKey) {
    this.name = name;
    this.key = key;
    this.publicKey = publicKey;
  }

  /**
   * Makes the signer of a key.
   *
   * @param name of the key, without blanks and plus signs: the id of the log
   * @param seed the private key, 32 bytes; stays the caller's to close
   */
  public static CheckpointSigner of(String name, SecretBytes seed) {
    if (seed.length() != SEED) {
      throw new IllegalArgumentException(
          "checkpoint key: " + seed.length() + " bytes (expected: " + SEED + ")");
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
      return new CheckpointSigner(name, pair.getPrivate(), publicKey);
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

  /** The checkpoint as a signed note. */
  public String sign(Checkpoint checkpoint) {
    String text = checkpoint.text();
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      byte[] signed = signature.sign();
      ByteBuffer line = ByteBuffer.allocate(Integer.BYTES + signed.length);
      line.put(keyId()).put(signed);
      return text
          + "\n\u2014 "
          + name
          + " "
          + Base64.getEncoder().encodeToString(line.array())
          + "\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("checkpoint: cannot be signed", e);
    }
  }

  /** The public key in the form verifiers take: {@code name+id+key}. */
  public String verifierKey() {
    byte[] typed = new byte[1 + PUBLIC];
    typed[0] = TYPE;
    System.arraycopy(publicKey, 0, typed, 1, PUBLIC);
    return name
        + "+"
        + HexFormat.of().formatHex(keyId())
        + "+"
        + Base64.getEncoder().encodeToString(typed);
  }

  private byte[] keyId() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(name.getBytes(StandardCharsets.UTF_8));
      sha256.update(new byte[] {'\n', TYPE});
      return Arrays.copyOf(sha256.digest(publicKey), Integer.BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }
}
