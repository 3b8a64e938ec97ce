package io.zenmesh.extproc.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.pipeline.DoorSteps.Sent;
import io.zenmesh.extproc.policy.EndpointChallenges;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.RemoteKey;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeQuestions;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Each provider's question through the pipeline: answered, or refused, and never let on. */
class ProviderQuestionsTest {
  private final DoorSteps door = new DoorSteps();

  private DoorSteps endpoint(String scheme) {
    return door.endpoint(scheme, true, SchemeSettings.NONE, DoorSteps.SECRET);
  }

  private void assertAnswered(Sent sent, String body, Map<String, String> headers) {
    assertThat(door.send(sent))
        .isInstanceOfSatisfying(
            Effect.AnswerChallenge.class,
            effect -> {
              assertThat(effect.answer()).isEqualTo(new Challenge.Answer(200, headers, body));
              assertThat(effect.answer().toString()).isEqualTo("Answer[200]");
            });
  }

  private void assertAnswered(Sent sent, String body, String type) {
    assertAnswered(sent, body, Map.of("content-type", type));
  }

  private void assertRefused(Sent sent, Reason reason) {
    assertThat(door.send(sent))
        .isInstanceOfSatisfying(
            Effect.Refuse.class, effect -> assertThat(effect.reason()).isEqualTo(reason));
  }

  private void assertIsAnEvent(Sent sent) {
    assertThat(door.send(sent)).isInstanceOf(Effect.ClaimForOutcome.class);
  }

  private static byte[] mac(String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(DoorSteps.SECRET.getBytes(UTF_8), "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }

  @Test
  void slack_urlVerification_isEchoedWhenSigned() {
    endpoint("slack");
    String question = "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1a\"}";
    assertAnswered(door.signed(question), "3eZbrw1a", "text/plain");
    assertRefused(DoorSteps.post(question), Reason.SIGNATURE_MISSING);
    assertIsAnEvent(door.signed("{\"type\":\"event_callback\"}"));
  }

  @Test
  void zoom_urlValidation_isHashed_andAForgedEventIsNot() throws GeneralSecurityException {
    endpoint("zoom");
    String question = "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"%s\"}}";
    assertAnswered(
        door.signed(question.formatted("qgg8vlvZ")),
        "{\"plainToken\":\"qgg8vlvZ\",\"encryptedToken\":\""
            + HexFormat.of().formatHex(mac("qgg8vlvZ"))
            + "\"}",
        "application/json");
    assertRefused(
        door.signed(question.formatted("v0:" + door.clock.instant().getEpochSecond() + ":forged")),
        Reason.BODY_MALFORMED);
    assertRefused(DoorSteps.post(question.formatted("abc")), Reason.SIGNATURE_MISSING);
  }

  @Test
  void meta_subscription_isEchoedForItsTokenOnly() {
    endpoint("meta");
    String query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    assertAnswered(DoorSteps.get(query + DoorSteps.VERIFY_TOKEN), "1158201444", "text/plain");
    assertRefused(DoorSteps.get(query + "another"), Reason.SIGNATURE_MISMATCH);
    assertRefused(
        DoorSteps.request("POST", "/hook" + query + DoorSteps.VERIFY_TOKEN, ""),
        Reason.SIGNATURE_MISSING);
  }

  /** Meta asks before it has any secret to sign with, and so it is answered before there is one. */
  @Test
  void meta_withoutAKey_isAnsweredForItsToken_andNothingElseIs() {
    door.endpoint("meta", true, SchemeSettings.NONE);
    assertAnswered(
        DoorSteps.get(
            "?hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + DoorSteps.VERIFY_TOKEN),
        "1",
        "text/plain");
    assertRefused(door.signed("{}"), Reason.KEY_UNAVAILABLE);
  }

  @Test
  void twitch_verification_isEchoedWhenSigned() {
    endpoint("twitch");
    Sent asked =
        door.signed("{\"challenge\":\"pogchamp-kappa\"}")
            .with("twitch-eventsub-message-type", "webhook_callback_verification");
    assertAnswered(asked, "pogchamp-kappa", "text/plain");
    assertIsAnEvent(asked.with("twitch-eventsub-message-type", "notification"));
    assertRefused(
        DoorSteps.post("{\"challenge\":\"abc\"}")
            .with("twitch-eventsub-message-type", "webhook_callback_verification"),
        Reason.SIGNATURE_MISSING);
  }

  @Test
  void dropbox_challenge_isEchoed() {
    endpoint("dropbox");
    assertAnswered(
        DoorSteps.get("?challenge=abc_1-2"),
        "abc_1-2",
        Map.of("content-type", "text/plain", "x-content-type-options", "nosniff"));
    assertRefused(DoorSteps.get("?challenge=%3Cb%3E"), Reason.BODY_MALFORMED);
  }

  @Test
  void okta_verification_isEchoed() {
    endpoint("okta");
    assertAnswered(
        DoorSteps.get("").with("x-okta-verification-challenge", "abc"),
        "{\"verification\":\"abc\"}",
        "application/json");
    assertRefused(
        DoorSteps.get("").with("x-okta-verification-challenge", "a\"b"), Reason.BODY_MALFORMED);
  }

  @Test
  void x_crc_isHashed_andAForgedEventIsNot() throws GeneralSecurityException {
    endpoint("x");
    String hash = Base64.getEncoder().encodeToString(mac("MWFiMjM0"));
    assertAnswered(
        DoorSteps.get("?crc_token=MWFiMjM0"),
        "{\"response_token\":\"sha256=" + hash + "\"}",
        "application/json");
    assertRefused(DoorSteps.get("?crc_token=%7B%22forged%22:1%7D"), Reason.BODY_MALFORMED);
    assertRefused(
        DoorSteps.post("MWFiMjM0").with("x-twitter-webhooks-signature", "sha256=" + hash),
        Reason.BODY_MALFORMED);
  }

  @Test
  void xero_intentToReceive_isAnsweredEmpty() {
    endpoint("xero");
    String intent = "{\"events\":[],\"firstEventSequence\":0,\"lastEventSequence\":0}";
    assertAnswered(door.signed(intent), "", Map.of());
    assertAnswered(door.signed(intent + "\r\n"), "", Map.of());
    assertRefused(door.signed(intent, "another-secret"), Reason.SIGNATURE_MISMATCH);
    assertIsAnEvent(door.signed("{\"events\":[{}],\"lastEventSequence\":1}"));
  }

  @Test
  void discord_ping_isAnsweredWhenSigned() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] spki = pair.getPublic().getEncoded();
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----";
    door.endpoint(
        "discord",
        true,
        SchemeSettings.NONE,
        HexFormat.of().formatHex(spki, spki.length - 32, spki.length));
    assertAnswered(door.signed("{\"type\":1}", pem), "{\"type\":1}", "application/json");
    assertRefused(DoorSteps.post("{\"type\":1}"), Reason.SIGNATURE_MISSING);
    assertIsAnEvent(door.signed("{\"type\":2}", pem));
  }

  @Test
  void asana_secretIsTakenOnce_inTheWindowOnly() {
    String secret = "0123456789abcdef0123";
    Sent handshake = DoorSteps.post("{}").with("x-hook-secret", secret);
    door.endpoint("asana", true, SchemeSettings.NONE);
    assertRefused(handshake, Reason.KEY_UNAVAILABLE);

    door.endpoint("asana", true, door.handshakeOpen());
    assertRefused(door.signed("{}", secret), Reason.KEY_UNAVAILABLE);
    assertAnswered(handshake, "", Map.of("x-hook-secret", secret));
    assertIsAnEvent(door.signed("{}", secret));
    assertRefused(handshake.with("x-hook-secret", "ffffffffffffffffffff"), Reason.KEY_UNAVAILABLE);
    assertRefused(handshake, Reason.KEY_UNAVAILABLE);
    assertIsAnEvent(door.signed("{\"again\":1}", secret));
  }

  @Test
  void asana_endpointWithAKeyOfTheOperators_takesNone() {
    door.endpoint("asana", true, door.handshakeOpen(), DoorSteps.SECRET);
    assertRefused(
        DoorSteps.post("{}").with("x-hook-secret", "0123456789abcdef0123"), Reason.KEY_UNAVAILABLE);
  }

  @Test
  void cloudEvents_options_areAnsweredForAllowedOriginsOnly() {
    SchemeSettings origins =
        new SchemeSettings(
            Optional.empty(), List.of(), false, Optional.empty(), List.of("a.test", "b.test"));
    door.endpoint("token", true, origins, DoorSteps.SECRET);
    Sent asked = DoorSteps.request("OPTIONS", "/hook", "").with("webhook-request-origin", "b.test");
    assertAnswered(asked, "", Map.of("webhook-allowed-origin", "b.test"));
    assertAnswered(
        asked.with("webhook-request-rate", "120"),
        "",
        Map.of("webhook-allowed-origin", "b.test", "webhook-allowed-rate", "*"));
    assertRefused(asked.with("webhook-request-origin", "c.test"), Reason.SIGNATURE_MISSING);
    assertRefused(asked.with(":method", "POST"), Reason.SIGNATURE_MISSING);
  }

  @Test
  void unsignedQuestions_areLimited_andAgainAnsweredLater() {
    endpoint("okta");
    Sent asked = DoorSteps.get("").with("x-okta-verification-challenge", "abc");
    for (int i = 0; i < 10; i++) {
      assertAnswered(asked, "{\"verification\":\"abc\"}", "application/json");
    }
    assertRefused(asked, Reason.RATE_LIMITED);
    door.clock.advance(Duration.ofSeconds(1));
    assertAnswered(asked, "{\"verification\":\"abc\"}", "application/json");
  }

  @Test
  void sns_confirmation_isTheOperatorsToDecide_forItsTopicOnly() throws GeneralSecurityException {
    String url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336";
    assertThat(confirmation("arn:aws:sns:eu-west-1:123456789012:orders", url))
        .isInstanceOfSatisfying(
            Effect.ConfirmSubscription.class,
            effect -> {
              assertThat(effect.question().url()).hasToString(url);
              assertThat(effect.toString()).doesNotContain("2336");
            });
    assertThat(confirmation("arn:aws:sns:eu-west-1:123456789012:others", url))
        .isInstanceOf(Effect.Refuse.class);
    assertThat(
            confirmation(
                "arn:aws:sns:eu-west-1:123456789012:orders", "https://evil.example/?Token=2336"))
        .isInstanceOf(Effect.Refuse.class);
  }

  @Test
  void sns_confirmationRepeated_doesNotCallTheOperatorAtWill() throws GeneralSecurityException {
    String topic = "arn:aws:sns:eu-west-1:123456789012:orders";
    KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    Pipeline pipeline = sns(pair);
    String body = signedConfirmation(pair, topic, "https://sns.eu-west-1.amazonaws.com/?Token=1");
    for (int i = 0; i < 10; i++) {
      assertThat(ask(pipeline, body)).isInstanceOf(Effect.ConfirmSubscription.class);
    }
    assertThat(ask(pipeline, body))
        .isInstanceOfSatisfying(
            Effect.Refuse.class,
            effect -> assertThat(effect.reason()).isEqualTo(Reason.RATE_LIMITED));
  }

  private Effect confirmation(String topic, String url) throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    return ask(sns(pair), signedConfirmation(pair, topic, url));
  }

  private static Effect ask(Pipeline pipeline, String body) {
    Transition head =
        pipeline.step(State.Plain.START, new Event.HeadArrived(DoorSteps.post("{}"), false));
    return pipeline
        .step(head.next(), new Event.BodyArrived(ByteBuffer.wrap(body.getBytes(UTF_8)), true))
        .effect();
  }

  private Pipeline sns(KeyPair pair) {
    Scheme scheme = Catalogue.bundled().find("aws-sns").orElseThrow();
    SchemeVerifier verifier =
        SchemeVerifier.prepare(
            scheme,
            SchemeVerifier.Settings.DEFAULT,
            List.of(
                new VerificationKey(
                    "topic-1",
                    Instant.EPOCH,
                    Optional.empty(),
                    DoorSteps.secret("arn:aws:sns:eu-west-1:123456789012:orders"))),
            reference ->
                Optional.of(new RemoteKey(pair.getPublic(), Instant.EPOCH, Optional.empty())));
    PreparedEndpoint endpoint =
        new PreparedEndpoint(
            new EndpointPolicy(
                EndpointRef.parse("acme/hook"),
                "aws-sns",
                Optional.empty(),
                DoorSteps.MAX_BODY_BYTES,
                Optional.empty(),
                EndpointPolicy.OnDuplicate.REFUSE,
                EndpointPolicy.OnStoreLoss.REFUSE),
            verifier,
            true,
            verifier.replay(),
            new EndpointChallenges(
                SchemeSettings.NONE, Optional.empty(), SchemeQuestions.of(scheme), true));
    return new Pipeline(
        () -> Optional.of(new PreparedPolicies(1, Map.of("acme/hook", endpoint))),
        () -> false,
        door.clock);
  }

  private String signedConfirmation(KeyPair pair, String topic, String url)
      throws GeneralSecurityException {
    String time = door.clock.instant().toString();
    String content =
        "Message\nconfirm\nMessageId\nm-1\nSubscribeURL\n"
            + url
            + "\nTimestamp\n"
            + time
            + "\nToken\n2336\nTopicArn\n"
            + topic
            + "\nType\nSubscriptionConfirmation\n";
    Signature signer = Signature.getInstance("SHA256withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(content.getBytes(US_ASCII));
    return """
    {"Type":"SubscriptionConfirmation","MessageId":"m-1","Token":"2336","TopicArn":"%s",
     "Message":"confirm","SubscribeURL":"%s","Timestamp":"%s","SignatureVersion":"2",
     "Signature":"%s","SigningCertURL":"https://sns.eu-west-1.amazonaws.com/a.pem"}
    """
        .formatted(topic, url, time, Base64.getEncoder().encodeToString(signer.sign()))
        .strip();
  }
}
