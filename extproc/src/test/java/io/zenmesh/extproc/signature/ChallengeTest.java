package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.secret.SecretAccess;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions of providers: verified first where they are signed, and nobody's event is signed. */
class ChallengeTest {
  private static final String SECRET = "a-shared-secret";

  private static SchemeVerifier verifier(String scheme) {
    return TestKeys.verifier(scheme, SECRET);
  }

  private static TestRequest signed(String scheme, String body) {
    TestRequest request = TestRequest.post(body);
    return request.with(
        SchemeSigner.sign(
            TestKeys.scheme(scheme),
            TestKeys.secret(SECRET),
            request.message(),
            new SchemeSigner.Delivery(Sample.NOW, "event-1")));
  }

  private static Challenge asked(String scheme, TestRequest request) {
    return switch (verifier(scheme).verify(request, Sample.NOW)) {
      case Verdict.Verified verified -> verifier(scheme).signedChallenge(request, verified);
      case Verdict.Refused(Reason reason) -> new Challenge.Refused(reason);
    };
  }

  private static Challenge get(String scheme, String path, Challenge.Settings settings) {
    TestRequest request = TestRequest.post("").withMethod("GET").withPath(path);
    return verifier(scheme).unsignedChallenge(request, Sample.NOW, settings);
  }

  private static Challenge get(String scheme, String path) {
    return get(scheme, path, Challenge.Settings.NONE);
  }

  private static byte[] mac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static Challenge answer(String type, String body) {
    return new Challenge.Answer(200, Map.of("content-type", type), body);
  }

  @Test
  void slack_urlVerification_isEchoedWhenSigned() {
    TestRequest request =
        signed(
            "slack", "{\"token\":\"t\",\"challenge\":\"3eZbrw1a\",\"type\":\"url_verification\"}");
    assertThat(asked("slack", request)).isEqualTo(answer("text/plain", "3eZbrw1a"));
    assertThat(asked("slack", request.with("X-Slack-Signature", "v0=" + "0".repeat(64))))
        .isEqualTo(new Challenge.Refused(Reason.SIGNATURE_MISMATCH));
    assertThat(asked("slack", signed("slack", "{\"type\":\"event_callback\"}")))
        .isEqualTo(new Challenge.None());
  }

  @Test
  void zoom_urlValidation_isHashedWhenSigned() {
    String body =
        "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"qgg8vlvZ\"}}";
    assertThat(asked("zoom", signed("zoom", body)))
        .isEqualTo(
            answer(
                "application/json",
                "{\"plainToken\":\"qgg8vlvZ\",\"encryptedToken\":\""
                    + HexFormat.of().formatHex(mac("qgg8vlvZ"))
                    + "\"}"));
    assertThat(asked("zoom", TestRequest.post(body)))
        .isEqualTo(new Challenge.Refused(Reason.SIGNATURE_MISSING));
  }

  @Test
  void zoom_macOfAForgedEvent_isNotGiven() {
    String forged = "v0:1764000000:{}";
    String body =
        "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"" + forged + "\"}}";
    assertThat(asked("zoom", signed("zoom", body)))
        .isEqualTo(new Challenge.Refused(Reason.BODY_MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%7B%7D", "%7B%22a%22:1%7D", "a.b", "a%20b", "", "%0A", "v0:1:x"})
  void x_macOfAForgedEvent_isNotGiven(String forged) {
    assertThat(get("x", "/hook?crc_token=" + forged))
        .isInstanceOfAny(Challenge.Refused.class, Challenge.None.class);
  }

  @Test
  void x_crc_isHashedAndTheHashVerifiesNoEvent() {
    String token = "MWFiMjM0";
    String hash = Base64.getEncoder().encodeToString(mac(token));
    assertThat(get("x", "/hook?crc_token=" + token + "&nonce=1"))
        .isEqualTo(answer("application/json", "{\"response_token\":\"sha256=" + hash + "\"}"));
    TestRequest event =
        TestRequest.post(token).with("x-twitter-webhooks-signature", "sha256=" + hash);
    assertThat(verifier("x").verify(event, Sample.NOW))
        .isEqualTo(new Verdict.Refused(Reason.BODY_MALFORMED));
  }

  @Test
  void x_crc_isAnsweredOnGetOnlyAndOnce() {
    TestRequest post = TestRequest.post("").withPath("/hook?crc_token=abc");
    assertThat(verifier("x").unsignedChallenge(post, Sample.NOW, Challenge.Settings.NONE))
        .isEqualTo(new Challenge.None());
    assertThat(get("x", "/hook?crc_token=abc&crc_token=def")).isEqualTo(new Challenge.None());
  }

  @Test
  void meta_subscription_isEchoedForTheVerifyToken() {
    String path = "/hook?hub.mode=subscribe&hub.verify_token=t0ken&hub.challenge=1158201444";
    Challenge.Settings settings =
        new Challenge.Settings(Optional.of(TestKeys.secret("t0ken")), false);
    assertThat(get("meta", path, settings)).isEqualTo(answer("text/plain", "1158201444"));
    assertThat(get("meta", path.replace("t0ken", "other"), settings))
        .isEqualTo(new Challenge.Refused(Reason.SIGNATURE_MISMATCH));
    assertThat(get("meta", path)).isEqualTo(new Challenge.Refused(Reason.KEY_UNAVAILABLE));
    assertThat(get("meta", path.replace("1158201444", "%3Cscript%3E"), settings))
        .isEqualTo(new Challenge.Refused(Reason.BODY_MALFORMED));
    assertThat(get("meta", "/hook")).isEqualTo(new Challenge.None());
  }

  @Test
  void dropbox_challenge_isEchoedAsTextThatNobodySniffs() {
    assertThat(get("dropbox", "/hook?challenge=abc_1-2"))
        .isEqualTo(
            new Challenge.Answer(
                200,
                Map.of("content-type", "text/plain", "x-content-type-options", "nosniff"),
                "abc_1-2"));
    assertThat(get("dropbox", "/hook?challenge=%3Cb%3E"))
        .isEqualTo(new Challenge.Refused(Reason.BODY_MALFORMED));
  }

  @Test
  void okta_verification_isEchoed() {
    TestRequest request =
        TestRequest.post("").withMethod("GET").with("X-Okta-Verification-Challenge", "abc");
    assertThat(verifier("okta").unsignedChallenge(request, Sample.NOW, Challenge.Settings.NONE))
        .isEqualTo(answer("application/json", "{\"verification\":\"abc\"}"));
  }

  @Test
  void twitch_callbackVerification_isEchoedWhenSigned() {
    TestRequest request =
        signed("twitch", "{\"challenge\":\"pogchamp-kappa-360noscope-vohiyo\"}")
            .with("Twitch-Eventsub-Message-Type", "webhook_callback_verification");
    assertThat(asked("twitch", request))
        .isEqualTo(answer("text/plain", "pogchamp-kappa-360noscope-vohiyo"));
    assertThat(asked("twitch", request.with("Twitch-Eventsub-Message-Type", "notification")))
        .isEqualTo(new Challenge.None());
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"events\":[],\"firstEventSequence\":0,\"lastEventSequence\":0}', true",
    "'{\"events\":[{}],\"firstEventSequence\":1,\"lastEventSequence\":1}', false",
  })
  void xero_intentToReceive_isAnsweredEmpty(String body, boolean intent) {
    assertThat(asked("xero", signed("xero", body)))
        .isEqualTo(intent ? new Challenge.Answer(200, Map.of(), "") : new Challenge.None());
  }

  @Test
  void asana_handshake_isTakenOnlyWhileOpen() {
    TestRequest request = TestRequest.post("{}").with("X-Hook-Secret", "0123456789abcdef0123");
    SchemeVerifier verifier = TestKeys.verifier("asana");
    assertThat(verifier.unsignedChallenge(request, Sample.NOW, Challenge.Settings.NONE))
        .isEqualTo(new Challenge.Refused(Reason.KEY_UNAVAILABLE));
    Challenge taken =
        verifier.unsignedChallenge(
            request, Sample.NOW, new Challenge.Settings(Optional.empty(), true));
    assertThat(taken).isInstanceOf(Challenge.TakeSecret.class);
    Challenge.TakeSecret secret = (Challenge.TakeSecret) taken;
    assertThat(secret.secret().copy(SecretAccess.granted()))
        .isEqualTo("0123456789abcdef0123".getBytes(StandardCharsets.US_ASCII));
    assertThat(secret.answer().headers()).containsEntry("x-hook-secret", "0123456789abcdef0123");
    assertThat(secret.toString()).doesNotContain("0123");
  }

  @Test
  void discord_ping_isAnsweredWhenSigned() {
    var pair = TestKeys.pair("Ed25519");
    byte[] spki = pair.getPublic().getEncoded();
    String key = HexFormat.of().formatHex(spki, spki.length - 32, spki.length);
    SchemeVerifier verifier = TestKeys.verifier("discord", key);
    TestRequest unsigned = TestRequest.post("{\"type\":1}");
    TestRequest ping =
        unsigned.with(
            SchemeSigner.sign(
                TestKeys.scheme("discord"),
                TestKeys.secret(TestKeys.pem(pair.getPrivate())),
                unsigned.message(),
                new SchemeSigner.Delivery(Sample.NOW, "id")));
    assertThat(verifier.verify(ping, Sample.NOW)).isInstanceOf(Verdict.Verified.class);
    Verdict.Verified verified = (Verdict.Verified) verifier.verify(ping, Sample.NOW);
    assertThat(verifier.signedChallenge(ping, verified))
        .isEqualTo(answer("application/json", "{\"type\":1}"));
    assertThat(verifier.verify(ping.withBody("{\"type\":2}"), Sample.NOW))
        .isEqualTo(new Verdict.Refused(Reason.SIGNATURE_MISMATCH));
  }

  @Test
  void sns_confirmation_asksTheOperatorForPinnedHostsOnly() throws Exception {
    String good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336";
    assertThat(PublicKeySchemesTest.snsConfirmation(good))
        .isEqualTo(new Challenge.AskOperator(URI.create(good)));
    assertThat(PublicKeySchemesTest.snsConfirmation("https://sns.evil.example/?Token=1"))
        .isEqualTo(new Challenge.Refused(Reason.SIGNATURE_MALFORMED));
  }
}
