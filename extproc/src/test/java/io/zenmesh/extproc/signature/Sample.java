package io.zenmesh.extproc.signature;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A right message of one scheme, and who verifies it.
 *
 * @param secret what it was signed with
 * @param other another secret of the same form
 * @param now the time it was signed at
 */
record Sample(
    Scheme scheme,
    String secret,
    String other,
    SchemeVerifier verifier,
    TestRequest request,
    Instant now) {
  static final String NONCE = "0f8fad5bd9cb469fa16570867728950e";
  static final Instant NOW = Instant.ofEpochSecond(1_764_000_000L);
  static final String BODY = "{\"event\": \"paid\",  \"amount\": 100}";

  static List<String> names() {
    return List.of("github", "gitlab-token", "standard-webhooks", "stripe", "zen");
  }

  static Sample of(String name) {
    return switch (name) {
      case "zen" -> of(name, TestKeys.ZEN, TestKeys.ZEN_OTHER, NONCE);
      case "standard-webhooks" ->
          of(name, TestKeys.WHSEC, TestKeys.WHSEC_OTHER, "msg_p5jXN8AQM9LWM0D4loKWxJek");
      default -> of(name, "a-shared-secret", "another-secret", "5a8f6b0e-delivery");
    };
  }

  private static Sample of(String name, String secret, String other, String id) {
    Scheme scheme = TestKeys.scheme(name);
    TestRequest unsigned = TestRequest.post(BODY);
    TestRequest request = unsigned.with(sign(scheme, secret, unsigned, NOW, id));
    return new Sample(scheme, secret, other, TestKeys.verifier(name, secret), request, NOW);
  }

  private static Map<String, String> sign(
      Scheme scheme, String secret, TestRequest request, Instant at, String id) {
    return SchemeSigner.sign(
        scheme, TestKeys.secret(secret), request.message(), new SchemeSigner.Delivery(at, id));
  }

  String signatureHeader() {
    return scheme.signature().header().lowerCase();
  }

  String signature() {
    return request.one(signatureHeader());
  }

  /** Headers for other content, time or secret. */
  TestRequest signed(TestRequest unsigned, Instant at, String with) {
    String id =
        scheme.name().equals("zen")
            ? NONCE
            : request.headers().containsKey("webhook-id") ? request.one("webhook-id") : "id-1";
    return unsigned.with(sign(scheme, with, unsigned, at, id));
  }

  TestRequest withSignature(Function<String, String> change) {
    return request.with(signatureHeader(), change.apply(signature()));
  }

  Verdict verify(TestRequest changed) {
    return verifier.verify(changed, now);
  }
}
