package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
}
