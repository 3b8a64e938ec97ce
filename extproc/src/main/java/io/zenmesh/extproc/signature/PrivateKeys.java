package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** The signing side of Ed25519; keys are PKCS #8, in PEM or as base64 of it. */
final class PrivateKeys {
  private PrivateKeys() {}

  /**
   * Signs with a private key.
   *
   * @throws IllegalArgumentException when it is none; the message holds nothing of it
   */
  static byte[] sign(SignatureAlgorithm algorithm, byte[] key, SignedContent content) {
    String base64 =
        new String(key, StandardCharsets.ISO_8859_1)
            .replace("-----BEGIN PRIVATE KEY-----", "")
            .replace("-----END PRIVATE KEY-----", "")
            .replace("\n", "");
    try {
      PrivateKey decoded =
          KeyFactory.getInstance(algorithm.platformName())
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
      Signature signature = Signature.getInstance(algorithm.platformName());
      signature.initSign(decoded);
      content.feed(signature, new byte[0]);
      return signature.sign();
    } catch (GeneralSecurityException | IllegalArgumentException notAKey) {
      throw new IllegalArgumentException("key (expected: a PKCS #8 private key in PEM)");
    }
  }
}
