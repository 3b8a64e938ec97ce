package io.zenmesh.xds.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Reads the PEM files of an identity; every error names the file and never its content. */
final class PemFiles {
  private static final byte[] BEGIN =
      "-----BEGIN PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "-----END PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII);
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");

  private PemFiles() {}

  /** One or more certificates, in file order. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    } catch (CertificateException e) {
      throw new IOException(file + ": not readable (expected: PEM certificates)", e);
    }
    throw new IOException(file + ": empty (expected: PEM certificates)");
  }

  /** The PKCS#8 key; the bytes read are zeroed. */
  static PrivateKey privateKey(Path file) throws IOException {
    byte[] pem = Files.readAllBytes(file);
    byte[] der = new byte[0];
    try {
      int begin = indexOf(pem, BEGIN, 0);
      int end = begin < 0 ? -1 : indexOf(pem, END, begin);
      if (end < 0) {
        throw new IOException(file + ": no private key (expected: PKCS#8 PEM)");
      }
      der = decode(file, pem, begin + BEGIN.length, end);
      return parse(file, new PKCS8EncodedKeySpec(der));
    } finally {
      Arrays.fill(pem, (byte) 0);
      Arrays.fill(der, (byte) 0);
    }
  }

  private static byte[] decode(Path file, byte[] pem, int from, int to) throws IOException {
    ByteBuffer decoded;
    try {
      decoded = Base64.getMimeDecoder().decode(ByteBuffer.wrap(Arrays.copyOfRange(pem, from, to)));
    } catch (IllegalArgumentException malformed) {
      throw new IOException(file + ": malformed (expected: PKCS#8 PEM)");
    }
    byte[] der = new byte[decoded.remaining()];
    decoded.get(der);
    Arrays.fill(decoded.array(), (byte) 0);
    return der;
  }

  private static PrivateKey parse(Path file, PKCS8EncodedKeySpec spec) throws IOException {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException otherAlgorithm) {
        // Which one it is stands inside the key; asking each factory is the JDK's way to find out.
        continue;
      } catch (GeneralSecurityException e) {
        throw new IOException(file + ": not readable (expected: an EC, RSA or EdDSA key)", e);
      }
    }
    throw new IOException(file + ": unknown algorithm (expected: an EC, RSA or EdDSA key)");
  }

  private static int indexOf(byte[] text, byte[] wanted, int from) {
    for (int i = from; i <= text.length - wanted.length; i++) {
      if (Arrays.equals(text, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    return -1;
  }
}
