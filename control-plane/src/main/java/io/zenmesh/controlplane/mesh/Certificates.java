package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/**
 * Judges certificates before a node sees them: Envoy loads an expired one without complaint. Each
 * answer is empty, or {@code value (expected: ...)}.
 */
final class Certificates {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_EC_BITS = 256;
  private static final byte[] PROBE = "zen-mesh key probe".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] KEY_BEGIN =
      "-----BEGIN PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] KEY_END =
      "-----END PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII);

  private Certificates() {}

  /** Judges a chain, leaf first, and the key that must belong to the leaf. */
  static Optional<String> problemOfPair(String chainPem, SecretBytes keyPem, Instant now) {
    List<X509Certificate> chain = parse(chainPem);
    if (chain.isEmpty()) {
      return Optional.of("certificate does not parse (expected: PEM certificates, leaf first)");
    }
    X509Certificate leaf = chain.get(0);
    if (leaf.getBasicConstraints() >= 0) {
      return Optional.of("first certificate is an authority (expected: the leaf first)");
    }
    if (!strong(leaf.getPublicKey())) {
      return Optional.of("certificate key is too weak (expected: RSA of 2048 bits or EC of 256)");
    }
    for (int i = 0; i < chain.size(); i++) {
      Optional<String> time = problemOfTime(chain.get(i), now);
      if (time.isPresent()) {
        return time;
      }
      if (i > 0 && !issued(chain.get(i), chain.get(i - 1))) {
        return Optional.of(
            "chain is out of order at certificate "
                + (i + 1)
                + " (expected: each certificate issued by the next)");
      }
    }
    return belongs(leaf.getPublicKey(), keyPem);
  }

  /** Judges trust roots. */
  static Optional<String> problemOfRoots(String rootsPem, Instant now) {
    List<X509Certificate> roots = parse(rootsPem);
    if (roots.isEmpty()) {
      return Optional.of("certificate does not parse (expected: PEM certificates)");
    }
    for (X509Certificate root : roots) {
      if (root.getBasicConstraints() < 0) {
        return Optional.of("certificate is not an authority (expected: CA certificates only)");
      }
      Optional<String> time = problemOfTime(root, now);
      if (time.isPresent()) {
        return time;
      }
    }
    return Optional.empty();
  }

  private static List<X509Certificate> parse(String pem) {
    if (pem.contains("PRIVATE KEY")) {
      return List.of(); // a key where it would be stored and shown as a certificate
    }
    try {
      Collection<?> parsed =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
      return parsed.stream().map(X509Certificate.class::cast).toList();
    } catch (CertificateException e) {
      return List.of();
    }
  }

  private static boolean strong(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
      case ECPublicKey ec -> ec.getParams().getOrder().bitLength() >= MIN_EC_BITS;
      default -> false;
    };
  }

  private static Optional<String> problemOfTime(X509Certificate certificate, Instant now) {
    Date at = Date.from(now);
    if (at.after(certificate.getNotAfter())) {
      return Optional.of(
          "certificate expired at " + certificate.getNotAfter().toInstant() + " (expected: later)");
    }
    if (at.before(certificate.getNotBefore())) {
      return Optional.of(
          "certificate counts from "
              + certificate.getNotBefore().toInstant()
              + " (expected: already valid)");
    }
    return Optional.empty();
  }

  private static boolean issued(X509Certificate issuer, X509Certificate subject) {
    if (!subject.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      subject.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Optional<String> belongs(PublicKey publicKey, SecretBytes keyPem) {
    byte[] der = pkcs8(keyPem);
    if (der.length == 0) {
      return Optional.of("key does not parse (expected: an unencrypted PKCS#8 PEM private key)");
    }
    try {
      PrivateKey key =
          KeyFactory.getInstance(publicKey.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(der));
      String algorithm = publicKey instanceof ECPublicKey ? "SHA256withECDSA" : "SHA256withRSA";
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      byte[] signed = signer.sign();
      signer.initVerify(publicKey);
      signer.update(PROBE);
      return signer.verify(signed)
          ? Optional.empty()
          : Optional.of("key is of another certificate (expected: the certificate's own key)");
    } catch (GeneralSecurityException e) {
      return Optional.of("key is of another kind (expected: the certificate's own key)");
    } finally {
      Arrays.fill(der, (byte) 0);
    }
  }

  /** The DER of the one key in a PEM text, the caller's to zero; empty when there is none. */
  private static byte[] pkcs8(SecretBytes keyPem) {
    byte[] pem = keyPem.copy(SecretAccess.granted());
    byte[] base64 = new byte[0];
    try {
      int begin = indexOf(pem, KEY_BEGIN, 0);
      int end = begin < 0 ? -1 : indexOf(pem, KEY_END, begin);
      if (end < 0 || indexOf(pem, KEY_BEGIN, end) >= 0) {
        return new byte[0];
      }
      base64 = Arrays.copyOfRange(pem, begin + KEY_BEGIN.length, end);
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    } finally {
      Arrays.fill(pem, (byte) 0);
      Arrays.fill(base64, (byte) 0);
    }
  }

  private static int indexOf(byte[] text, byte[] part, int from) {
    for (int i = from; i <= text.length - part.length; i++) {
      if (Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }
}
