package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Keys and verifiers for tests. */
final class TestKeys {
  static final String ZEN = "zenk1_Hlkf4MPB3OM63Y5Y20BcIU2lLA-ti5CMZikUS3Dt3R8";
  static final String ZEN_OTHER = "zenk1_GcsN75b5EtjkjfXDiqRirOqKDKDeAuR0VRXlKhqwx9Y";
  static final String WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String WHSEC_OTHER = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";

  private TestKeys() {}

  static SecretBytes secret(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.UTF_8));
  }

  static VerificationKey key(String id, String text) {
    return key(id, secret(text));
  }

  static VerificationKey key(String id, SecretBytes secret) {
    return new VerificationKey(id, Instant.EPOCH, Optional.empty(), secret);
  }

  static VerificationKey key(String id, String text, Instant notBefore, Instant notAfter) {
    return new VerificationKey(id, notBefore, Optional.of(notAfter), secret(text));
  }

  static Scheme scheme(String name) {
    return Catalogue.bundled().find(name).orElseThrow();
  }

  static SchemeVerifier verifier(String scheme, VerificationKey... keys) {
    return SchemeVerifier.prepare(scheme(scheme), SchemeVerifier.Settings.DEFAULT, List.of(keys));
  }

  static SchemeVerifier verifier(String scheme, String secret) {
    return verifier(scheme, key("k1", secret));
  }

  static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----";
  }

  static String pem(PrivateKey key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getEncoder().encodeToString(key.getEncoded())
        + "\n-----END PRIVATE KEY-----";
  }

  static KeyPair pair(String family) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
      if (family.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static PublicKey ecKey(JsonNode jwk) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(number(jwk, "x"), number(jwk, "y")),
                parameters.getParameterSpec(ECParameterSpec.class)));
  }

  static PublicKey rsaKey(JsonNode jwk) throws GeneralSecurityException {
    return KeyFactory.getInstance("RSA")
        .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
  }

  private static BigInteger number(JsonNode jwk, String name) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.path(name).asString("")));
  }
}
