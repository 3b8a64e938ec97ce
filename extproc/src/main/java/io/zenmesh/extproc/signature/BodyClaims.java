package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** What a verified message says of its body. */
final class BodyClaims {
  private BodyClaims() {}

  /**
   * Compares the body with the hash that the message signs.
   *
   * @throws Refusal {@link Reason#SIGNATURE_MISMATCH}, {@link Reason#SIGNATURE_MALFORMED} when
   *     there is no hash and must be one
   */
  static void checkHash(Scheme scheme, Claim claim, RequestFields fields) throws Refusal {
    if (scheme.bodyHash().isEmpty()) {
      return;
    }
    Scheme.BodyHash rule = scheme.bodyHash().get();
    Optional<String> text =
        rule.source() instanceof ValueSource.Part(String name)
            ? Optional.ofNullable(claim.named().get(name))
            : fields.text(rule.source(), Reason.SIGNATURE_MALFORMED);
    if (text.isEmpty()) {
      if (rule.required()) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return;
    }
    byte[] actual = Sha256.of(fields.request().body());
    if (!MessageDigest.isEqual(actual, rule.encoding().decode(text.get(), actual.length))) {
      throw Refusal.of(Reason.SIGNATURE_MISMATCH);
    }
  }

  /**
   * Refuses an event that the scheme's own challenge could have been made to sign (decision 5).
   *
   * @throws Refusal {@link Reason#BODY_MALFORMED}
   */
  static void refuseOracle(Scheme scheme, RequestFields fields) throws Refusal {
    if (!scheme.hasKeyedChallenge() || fields.request().body().remaining() > 128) {
      return;
    }
    String body = StandardCharsets.ISO_8859_1.decode(fields.request().body()).toString();
    if (ChallengeRule.VALUE.matches(body)) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
  }
}
