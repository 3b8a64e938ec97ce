package io.zenmesh.extproc.signature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Public keys of senders: read, and checked before any signature is tried with them. */
final class PublicKeys {
  private static final int RAW_ED25519 = 32;
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_RSA_BITS = 8192;

  /** Some libraries go up to 2^32; one as long as the modulus costs fifty times as much. */
  private static final int MOST_EXPONENT_BITS = 33;

  private static final byte[] ED25519_SPKI_HEAD =
      HexFormat.of().parseHex("302a300506032b6570032100");
  private static final BigInteger ED25519_PRIME =
      BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));

  /** The y of the points whose order divides 8, but for 0, 1 and -1 (RFC 8032's curve). */
  private static final BigInteger SMALL_ORDER_Y =
      new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16);

  private static final BigInteger P256_PRIME =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);

  private static final BigInteger P256_B =
      new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);

  private PublicKeys() {}

  /**
   * Reads a key for an algorithm.
   *
   * @param encoded SubjectPublicKeyInfo; for Ed25519 also its 32 bytes
   * @throws IllegalArgumentException when it is none, or too weak
   */
  static PublicKey read(SignatureAlgorithm algorithm, byte[] encoded) {
    boolean raw = algorithm == SignatureAlgorithm.ED25519 && encoded.length == RAW_ED25519;
    byte[] spki = raw ? join(ED25519_SPKI_HEAD, encoded) : encoded;
    try {
      PublicKey key =
          KeyFactory.getInstance(family(algorithm)).generatePublic(new X509EncodedKeySpec(spki));
      require(algorithm, key);
      return key;
    } catch (GeneralSecurityException notAKey) {
      throw new IllegalArgumentException("not a public key for " + algorithm.shown(), notAKey);
    }
  }

  /** Whether bytes are a public key of any kind; such a thing is no shared secret. */
  static boolean isPublicKey(byte[] bytes) {
    for (String family : List.of("RSA", "EC", "Ed25519")) {
      try {
        KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(bytes));
        return true;
      } catch (GeneralSecurityException | RuntimeException notThisKind) {
        // The next one.
      }
    }
    return false;
  }

  /**
   * Checks a key that came from elsewhere.
   *
   * @throws IllegalArgumentException when it does not fit the algorithm, or is too weak
   */
  static void require(SignatureAlgorithm algorithm, PublicKey key) {
    boolean fits =
        switch (algorithm) {
          case ED25519 -> key instanceof EdECPublicKey ed && isSound(ed);
          case ECDSA_P256_SHA256, ECDSA_P256_SHA256_RAW ->
              key instanceof ECPublicKey ec && isOnP256(ec);
          case RSA_SHA1, RSA_SHA256, RSA_PSS_SHA512 ->
              key instanceof RSAPublicKey rsa
                  && rsa.getModulus().bitLength() >= LEAST_RSA_BITS
                  && rsa.getModulus().bitLength() <= MOST_RSA_BITS
                  && rsa.getPublicExponent().bitLength() > 1
                  && rsa.getPublicExponent().bitLength() <= MOST_EXPONENT_BITS;
          case HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, SHA256, TOKEN_EQUALS -> false;
        };
    if (!fits) {
      throw new IllegalArgumentException("not a sound public key for " + algorithm.shown());
    }
  }

  private static boolean isSound(EdECPublicKey key) {
    BigInteger y = key.getPoint().getY();
    BigInteger minusOne = ED25519_PRIME.subtract(BigInteger.ONE);
    return y.signum() > 0
        && y.compareTo(minusOne) < 0
        && !y.equals(BigInteger.ONE)
        && !y.equals(SMALL_ORDER_Y)
        && !y.equals(ED25519_PRIME.subtract(SMALL_ORDER_Y));
  }

  private static boolean isOnP256(ECPublicKey key) {
    EllipticCurve curve = key.getParams().getCurve();
    BigInteger x = key.getW().getAffineX();
    BigInteger y = key.getW().getAffineY();
    if (!(curve.getField() instanceof ECFieldFp field) || !field.getP().equals(P256_PRIME)) {
      return false;
    }
    BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB()).mod(P256_PRIME);
    return curve.getB().equals(P256_B) && y.pow(2).mod(P256_PRIME).equals(right);
  }

  private static String family(SignatureAlgorithm algorithm) {
    return switch (algorithm) {
      case ED25519 -> "Ed25519";
      case ECDSA_P256_SHA256, ECDSA_P256_SHA256_RAW -> "EC";
      case RSA_SHA1, RSA_SHA256, RSA_PSS_SHA512 -> "RSA";
      case HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, SHA256, TOKEN_EQUALS ->
          throw new IllegalArgumentException(algorithm.shown() + " has no public keys");
    };
  }

  private static byte[] join(byte[] head, byte[] tail) {
    byte[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }
}
