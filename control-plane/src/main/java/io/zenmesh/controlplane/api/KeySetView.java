package io.zenmesh.controlplane.api;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.time.Duration;
import java.util.List;

/**
 * The installation's public keys as a JSON Web Key Set (RFC 7517, RFC 8037).
 *
 * @param keys oldest first
 */
record KeySetView(List<Key> keys) {
  /** How long a reader may go without asking again. */
  static final Duration MAX_AGE = Duration.ofMinutes(5);

  /**
   * One key.
   *
   * @param kid the thumbprint of RFC 7638
   * @param purpose what it signs: a key is for one thing
   * @param verifierKey the same key as verifiers of signed notes take it
   */
  record Key(
      String kty,
      String crv,
      String x,
      String kid,
      String use,
      String purpose,
      String verifierKey) {}

  /** Copies the list. */
  KeySetView {
    keys = List.copyOf(keys);
  }

  static KeySetView of(List<String> verifierKeys) {
    return new KeySetView(verifierKeys.stream().map(KeySetView::key).toList());
  }

  private static Key key(String verifierKey) {
    Base64URL x = Base64URL.encode(VerifierKey.parse(verifierKey).encoded());
    OctetKeyPair key = new OctetKeyPair.Builder(Curve.Ed25519, x).build();
    try {
      return new Key(
          key.getKeyType().getValue(),
          key.getCurve().getName(),
          x.toString(),
          key.computeThumbprint().toString(),
          "sig",
          "audit-checkpoint",
          verifierKey);
    } catch (JOSEException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }
}
