package io.zenmesh.extproc.keys;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.zenmesh.extproc.signature.RemoteKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A key set (RFC 7517), read into the public keys that may verify a signature. Left out: keys
 * without an id or for encryption, shared secrets, keys published with their private half, and
 * every key whose id stands twice.
 */
final class KeySetDocument {
  private static final int MOST_KEYS = 64;
  private static final int ED25519_BYTES = 32;
  private static final byte[] ED25519_SPKI_HEAD =
      HexFormat.of().parseHex("302a300506032b6570032100");

  private KeySetDocument() {}

  /**
   * Reads a set.
   *
   * @throws FetchException when it is none, or has more than {@value #MOST_KEYS} keys
   */
  static Map<String, RemoteKey> read(byte[] json) throws FetchException {
    JWKSet set;
    try {
      set = JWKSet.parse(new String(json, StandardCharsets.UTF_8));
    } catch (ParseException | RuntimeException | StackOverflowError notASet) {
      throw new FetchException(FetchProblem.MALFORMED);
    }
    if (set.getKeys().size() > MOST_KEYS) {
      throw new FetchException(FetchProblem.MALFORMED);
    }
    Map<String, RemoteKey> keys = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (JWK jwk : set.getKeys()) {
      String id = jwk.getKeyID();
      if (id == null) {
        continue;
      }
      if (seen.add(id)) {
        key(jwk).ifPresent(key -> keys.put(id, new RemoteKey(key, from(jwk), until(jwk))));
      } else {
        keys.remove(id);
      }
    }
    return Map.copyOf(keys);
  }

  private static Instant from(JWK jwk) {
    Date from = jwk.getNotBeforeTime();
    return from == null ? Instant.MIN : from.toInstant();
  }

  private static Optional<Instant> until(JWK jwk) {
    return Optional.ofNullable(jwk.getExpirationTime()).map(Date::toInstant);
  }

  private static Optional<PublicKey> key(JWK jwk) {
    boolean toSign = jwk.getKeyUse() == null || KeyUse.SIGNATURE.equals(jwk.getKeyUse());
    if (!toSign || jwk.isPrivate()) {
      return Optional.empty();
    }
    try {
      return switch (jwk) {
        case RSAKey rsa -> Optional.of(rsa.toPublicKey());
        case ECKey ec -> Optional.of(ec.toPublicKey());
        case OctetKeyPair pair when Curve.Ed25519.equals(pair.getCurve()) ->
            Optional.of(ed25519(pair.getX().decode()));
        default -> Optional.empty();
      };
    } catch (JOSEException | GeneralSecurityException | RuntimeException unsound) {
      return Optional.empty();
    }
  }

  private static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
    if (point.length != ED25519_BYTES) {
      throw new GeneralSecurityException("length");
    }
    byte[] spki = Arrays.copyOf(ED25519_SPKI_HEAD, ED25519_SPKI_HEAD.length + ED25519_BYTES);
    System.arraycopy(point, 0, spki, ED25519_SPKI_HEAD.length, ED25519_BYTES);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
  }
}
