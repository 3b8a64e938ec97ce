package io.zenmesh.controlplane.audit.verify;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key that checkpoints are checked with, in the form of C2SP signed notes: {@code name+id+key},
 * Ed25519 only. Immutable.
 */
public final class VerifierKey {
  private static final Pattern FORM =
      Pattern.compile("([^\\s+]{1,200})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]{44})");
  private static final byte TYPE = 1;

  /** A SubjectPublicKeyInfo of Ed25519 up to the key itself (RFC 8410). */
  private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String name;
  private final byte[] id;
  private final PublicKey key;

  private VerifierKey(String name, byte[] id, PublicKey key) {
    this.name = name;
    this.id = id;
    this.key = key;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it has another form or its id is not that of its key
   */
  public static VerifierKey parse(String text) {
    return parse(text, TYPE);
  }

  /** Reads one of a type: a key of one use is no key of another. */
  static VerifierKey parse(String text, byte type) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw malformed();
    }
    try {
      byte[] typed = Base64.getDecoder().decode(match.group(3));
      byte[] id = HexFormat.of().parseHex(match.group(2));
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((match.group(1) + "\n").getBytes(StandardCharsets.UTF_8));
      if (typed[0] != type || !MessageDigest.isEqual(Arrays.copyOf(sha256.digest(typed), 4), id)) {
        throw malformed();
      }
      byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + typed.length - 1);
      System.arraycopy(typed, 1, encoded, PREFIX.length, typed.length - 1);
      PublicKey key =
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
      return new VerifierKey(match.group(1), id, key);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("key: does not decode (expected: an Ed25519 key)", e);
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("key: malformed (expected: NAME+ID+KEY of a signed note)");
  }

  /** Its name, which signature lines bear. */
  public String name() {
    return name;
  }

  /** The key itself as RFC 8032 encodes it, 32 bytes. */
  public byte[] encoded() {
    byte[] whole = key.getEncoded();
    return Arrays.copyOfRange(whole, PREFIX.length, whole.length);
  }

  /** Whether a signature line of this name and id is to be checked with this key. */
  boolean answersTo(String lineName, byte[] lineId) {
    return name.equals(lineName) && MessageDigest.isEqual(id, lineId);
  }

  boolean verifies(String text, byte[] signed) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // a signature of another length, or one that is no point
    }
  }
}
