package io.zenmesh.controlplane.cli;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.zenmesh.extproc.signature.KeyReference;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.RemoteKey;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys of senders from a file: a JWKS by key id, or one public key or certificate in PEM for every
 * message. Whoever names the file vouches for where it came from.
 */
final class KeyFile {
  private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final String KEY = "-----BEGIN PUBLIC KEY-----";
  private static final String KEY_END = "-----END PUBLIC KEY-----";

  private KeyFile() {}

  static KeySource read(Path file) {
    String text = new String(InputFiles.keys(file), StandardCharsets.UTF_8).strip();
    try {
      if (text.startsWith("{")) {
        Map<String, RemoteKey> keys = keySet(text);
        return reference ->
            reference instanceof KeyReference.KeyId(String id)
                ? Optional.ofNullable(keys.get(id))
                : Optional.empty();
      }
      RemoteKey only = pem(text);
      return reference -> Optional.of(only);
    } catch (GeneralSecurityException | ParseException | JOSEException | RuntimeException e) {
      throw CliException.usage(
          "--key-file: "
              + file
              + " holds no keys (expected: a JWKS with key ids, or PEM of one public key or of a"
              + " certificate)");
    }
  }

  private static Map<String, RemoteKey> keySet(String text) throws ParseException, JOSEException {
    Map<String, RemoteKey> keys = new HashMap<>();
    for (JWK key : JWKSet.parse(text).getKeys()) {
      if (key instanceof AsymmetricJWK asymmetric && key.getKeyID() != null) {
        keys.put(key.getKeyID(), always(asymmetric.toPublicKey()));
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("no key with an id");
    }
    return keys;
  }

  private static RemoteKey pem(String text) throws GeneralSecurityException {
    if (text.startsWith(CERTIFICATE)) {
      X509Certificate leaf =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
      return new RemoteKey(
          leaf.getPublicKey(),
          leaf.getNotBefore().toInstant(),
          Optional.of(leaf.getNotAfter().toInstant()));
    }
    int end = text.indexOf(KEY_END);
    if (!text.startsWith(KEY) || end < 0) {
      throw new IllegalArgumentException("not PEM");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(text.substring(KEY.length(), end));
    for (String family : List.of("EC", "RSA", "Ed25519")) {
      Optional<PublicKey> key = key(family, encoded);
      if (key.isPresent()) {
        return always(key.get());
      }
    }
    throw new IllegalArgumentException("not a key");
  }

  private static Optional<PublicKey> key(String family, byte[] encoded) {
    try {
      return Optional.of(
          KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException notOfThisFamily) {
      return Optional.empty();
    }
  }

  private static RemoteKey always(PublicKey key) {
    return new RemoteKey(key, Instant.EPOCH, Optional.empty());
  }
}
