package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.ChallengeRule.Action;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** Finds the question in a request and makes the answer. Immutable, thread-safe. */
final class Challenger {
  private static final int OK = 200;
  private static final TextGrammar SECRET = TextGrammar.parse("[A-Za-z0-9_.=+/-]{16,256}");

  private final Scheme scheme;

  Challenger(Scheme scheme) {
    this.scheme = scheme;
  }

  /** Makes a keyed hash with the endpoint's key that counts for the question. */
  interface Keyed {
    Optional<byte[]> hash(byte[] text);
  }

  /**
   * The answer to the first question that the request is.
   *
   * @param signed whether the request was verified
   */
  Challenge answer(RequestFields fields, boolean signed, Challenge.Settings settings, Keyed keyed) {
    try {
      for (ChallengeRule rule : scheme.challenges()) {
        if (rule.signed() == signed && isAsked(rule, fields)) {
          return answer(rule, fields, settings, keyed);
        }
      }
      return new Challenge.None();
    } catch (Refusal refusal) {
      return new Challenge.Refused(refusal.reason());
    }
  }

  private static boolean isAsked(ChallengeRule rule, RequestFields fields) {
    boolean handshake = rule.action() instanceof Action.TakeSecret;
    if (!rule.signed() && !handshake && !fields.request().method().equals("GET")) {
      return false;
    }
    try {
      return fields.holds(rule.when());
    } catch (Refusal unreadable) {
      return false;
    }
  }

  private static Challenge answer(
      ChallengeRule rule, RequestFields fields, Challenge.Settings settings, Keyed keyed)
      throws Refusal {
    if (rule.verifyToken().isPresent()) {
      requireToken(fields.text(rule.verifyToken().get(), Reason.SIGNATURE_MALFORMED), settings);
    }
    return switch (rule.action()) {
      case Action.Respond respond -> respond(rule, respond, fields, keyed);
      case Action.AskOperator ask -> new Challenge.AskOperator(ask.pinned().url(fields, true));
      case Action.TakeSecret take -> takeSecret(take, fields, settings);
    };
  }

  private static void requireToken(Optional<String> sent, Challenge.Settings settings)
      throws Refusal {
    if (settings.verifyToken().isEmpty()) {
      throw Refusal.of(Reason.KEY_UNAVAILABLE);
    }
    byte[] bytes = sent.orElse("").getBytes(StandardCharsets.ISO_8859_1);
    try (SecretBytes token = SecretBytes.takeOver(bytes)) {
      if (!settings.verifyToken().get().sameAs(token)) {
        throw Refusal.of(Reason.SIGNATURE_MISMATCH);
      }
    }
  }

  private static Challenge respond(
      ChallengeRule rule, Action.Respond respond, RequestFields fields, Keyed keyed)
      throws Refusal {
    String value = "";
    if (rule.value().isPresent()) {
      value = fields.text(rule.value().get(), Reason.BODY_MALFORMED).orElse("");
      if (!ChallengeRule.VALUE.matches(value)) {
        throw Refusal.of(Reason.BODY_MALFORMED);
      }
    }
    String body = respond.body().replace("{value}", value);
    if (respond.isKeyed()) {
      byte[] hash =
          keyed
              .hash(value.getBytes(StandardCharsets.US_ASCII))
              .orElseThrow(() -> Refusal.of(Reason.KEY_UNAVAILABLE));
      body =
          body.replace("{hmac-hex}", HexFormat.of().formatHex(hash))
              .replace("{hmac-base64}", Base64.getEncoder().encodeToString(hash));
    }
    return new Challenge.Answer(OK, respond.headers(), body);
  }

  private static Challenge takeSecret(
      Action.TakeSecret take, RequestFields fields, Challenge.Settings settings) throws Refusal {
    if (!settings.handshakeOpen()) {
      throw Refusal.of(Reason.KEY_UNAVAILABLE);
    }
    String secret = fields.single(take.header().lowerCase());
    if (!SECRET.matches(secret)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return new Challenge.TakeSecret(
        SecretBytes.takeOver(secret.getBytes(StandardCharsets.US_ASCII)),
        new Challenge.Answer(OK, Map.of(take.header().lowerCase(), secret), ""));
  }
}
