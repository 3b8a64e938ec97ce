package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemes that read the body or the URL: what is found, and what hostile documents meet. */
class BodyFieldSchemesTest {
  private static final String SECRET = "a-shared-secret";

  private static byte[] mac(String algorithm, byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(String text) {
    return HexFormat.of()
        .formatHex(mac("HmacSHA256", SECRET.getBytes(StandardCharsets.UTF_8), text));
  }

  private static void refused(Verdict verdict, Reason reason) {
    assertThat(verdict).isEqualTo(new Verdict.Refused(reason));
  }

  private static Verdict verify(String scheme, TestRequest request) {
    return TestKeys.verifier(scheme, SECRET).verify(request, Sample.NOW);
  }

  private static String mailgun(String more) {
    String token = "0123456789abcdef0123456789abcdef0123456789abcdef01";
    return "{\"signature\":{\"timestamp\":\"1764000000\",\"token\":\""
        + token
        + "\",\"signature\":\""
        + hex("1764000000" + token)
        + "\""
        + more
        + "},\"event-data\":{}}";
  }

  @Test
  void mailgun_fieldsOfTheBody_areVerified() {
    Verdict verdict = verify("mailgun", TestRequest.post(mailgun("")));
    assertThat(verdict).isInstanceOf(Verdict.Verified.class);
    assertThat(((Verdict.Verified) verdict).replaySubject().by())
        .isEqualTo(ReplayRule.By.SIGNED_ID);
    refused(
        verify("mailgun", TestRequest.post(mailgun("").replace("1764000000", "1764000001"))),
        Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void P13_hostileDocuments_areMalformed() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    String number = "{\"a\":" + "9".repeat(1_000) + "," + mailgun("").substring(1);
    for (String body :
        List.of(
            "",
            "{",
            "not json",
            deep,
            number,
            mailgun(",\"token\":\"x\""),
            mailgun("") + "{}",
            mailgun("").replace("\"event-data\":{}", "\"signature\":{}"),
            mailgun("").replace("1764000000", "1764000000\\ud800"),
            "\u0000" + mailgun(""))) {
      refused(verify("mailgun", TestRequest.post(body)), Reason.BODY_MALFORMED);
    }
    refused(verify("mailgun", TestRequest.post("{}")), Reason.SIGNATURE_MISSING);
    refused(verify("mailgun", TestRequest.post("[]")), Reason.SIGNATURE_MISSING);
    refused(
        verify("mailgun", TestRequest.post(mailgun("") + " ".repeat(JsonFields.MAX_BYTES))),
        Reason.BODY_TOO_LARGE);
  }

  @Test
  void P13_duplicateElsewhere_isNotOurs() {
    String body = mailgun("").replace("\"event-data\":{}", "\"event-data\":{\"a\":1,\"a\":2}");
    assertThat(verify("mailgun", TestRequest.post(body))).isInstanceOf(Verdict.Verified.class);
  }

  private static TestRequest linear(String body) {
    return TestRequest.post(body).with("Linear-Signature", hex(body));
  }

  @Test
  void linear_timeInTheBody_isJudgedAfterTheSignature() {
    String body = "{\"webhookTimestamp\":1764000000000}";
    assertThat(verify("linear", linear(body))).isInstanceOf(Verdict.Verified.class);
    refused(
        verify("linear", linear("{\"webhookTimestamp\":1763999939999}")), Reason.TIMESTAMP_TOO_OLD);
    refused(verify("linear", linear("{}")), Reason.TIMESTAMP_MISSING);
    refused(
        verify("linear", linear("{\"webhookTimestamp\":1.764e12}")), Reason.TIMESTAMP_MALFORMED);
    refused(verify("linear", linear("{")), Reason.BODY_MALFORMED);
    refused(verify("linear", linear("{").withBody("[")), Reason.SIGNATURE_MISMATCH);
  }

  private static String adyen(String signature) {
    return "{\"notificationItems\":[{\"NotificationRequestItem\":{\"additionalData\":"
        + "{\"hmacSignature\":\""
        + signature
        + "\"},\"amount\":{\"currency\":\"EUR\",\"value\":1130},\"eventCode\":\"AUTHORISATION\","
        + "\"merchantAccountCode\":\"TestMerchant\",\"merchantReference\":\"TestPayment-1407325143704\","
        + "\"pspReference\":\"7914073381342284\",\"success\":\"true\"}}]}";
  }

  @Test
  void adyen_fieldsOfTheOneItem_areVerified() {
    String key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
    // The published example of the provider's libraries.
    String published = "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=";
    SchemeVerifier verifier = TestKeys.verifier("adyen", key);
    TestRequest request = TestRequest.post(adyen(published));
    assertThat(verifier.verify(request, Sample.NOW)).isInstanceOf(Verdict.Verified.class);
    String two = adyen(published).replace("}}]}", "}},{\"NotificationRequestItem\":{}}]}");
    refused(verifier.verify(request.withBody(two), Sample.NOW), Reason.BODY_MALFORMED);
    refused(
        verifier.verify(request.withBody(adyen(published).replace("1130", "9930")), Sample.NOW),
        Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void dropboxSign_timeAndKind_areVerified() {
    String body =
        "{\"event\":{\"event_time\":\"1764000000\",\"event_type\":\"signature_request_sent\","
            + "\"event_hash\":\""
            + hex("1764000000signature_request_sent")
            + "\"}}";
    assertThat(verify("dropbox-sign", TestRequest.post(body))).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void square_idInTheSignedBody_isTheReplaySubject() {
    String body = "{\"event_id\":\"ev-1\"}";
    String url = "https://hooks.example.com/acme/orders";
    String tag =
        Base64.getEncoder()
            .encodeToString(mac("HmacSHA256", SECRET.getBytes(StandardCharsets.UTF_8), url + body));
    TestRequest request = TestRequest.post(body).with("x-square-hmacsha256-signature", tag);
    Verdict verdict = verify("square", request);
    assertThat(((Verdict.Verified) verdict).replaySubject().value())
        .isEqualTo("ev-1".getBytes(StandardCharsets.US_ASCII));
    refused(verify("square", request.withPath("/other")), Reason.SIGNATURE_MISMATCH);
    SchemeVerifier behindAProxy =
        SchemeVerifier.prepare(
            TestKeys.scheme("square"),
            new SchemeVerifier.Settings(Optional.empty(), Optional.of(url)),
            List.of(TestKeys.key("k1", SECRET)));
    assertThat(
            behindAProxy.verify(
                request.withAuthority("10.0.0.1:8080").withPath("/inside"), Sample.NOW))
        .isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void twilio_portBodyHashAndForm_areAllSigned() {
    byte[] key = SECRET.getBytes(StandardCharsets.UTF_8);
    String form = "application/x-www-form-urlencoded; charset=utf-8";
    for (String url :
        List.of(
            "https://hooks.example.com/acme/orders", "https://hooks.example.com:443/acme/orders")) {
      String tag = Base64.getEncoder().encodeToString(mac("HmacSHA1", key, url + "A1A2B\u00fc C"));
      TestRequest request =
          TestRequest.post("B=%C3%BC+C&A=2&A=1&A=2")
              .with("Content-Type", form)
              .with("X-Twilio-Signature", tag);
      assertThat(verify("twilio", request)).isInstanceOf(Verdict.Verified.class);
      refused(verify("twilio", request.with("Content-Type", "text/plain")), Reason.BODY_MALFORMED);
      refused(verify("twilio", request.withBody("B=%C3%B")), Reason.BODY_MALFORMED);
    }
    String path =
        "/acme/orders?bodySHA256=" + HexFormat.of().formatHex(Sha256.of(new byte[] {'x'}));
    String tag =
        Base64.getEncoder()
            .encodeToString(mac("HmacSHA1", key, "https://hooks.example.com" + path));
    TestRequest hashed = TestRequest.post("x").withPath(path).with("X-Twilio-Signature", tag);
    assertThat(verify("twilio", hashed)).isInstanceOf(Verdict.Verified.class);
    refused(verify("twilio", hashed.withBody("y")), Reason.SIGNATURE_MISMATCH);
    refused(verify("twilio", hashed.withPath(path + "&bodySHA256=00")), Reason.SIGNATURE_MALFORMED);
  }

  @Test
  void hubspotV3_escapesOfTheUrl_areUndone() {
    String decoded = "https://hooks.example.com/a?x=1:2/3&y=%20";
    String tag =
        Base64.getEncoder()
            .encodeToString(
                mac(
                    "HmacSHA256",
                    SECRET.getBytes(StandardCharsets.UTF_8),
                    "POST" + decoded + "{}" + "1764000000000"));
    TestRequest request =
        TestRequest.post("{}")
            .withPath("/a?x=1%3A2%2F3&y=%20")
            .with("X-HubSpot-Request-Timestamp", "1764000000000")
            .with("X-HubSpot-Signature-v3", tag);
    assertThat(verify("hubspot-v3", request)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void hook0_listedHeaders_areSigned() {
    TestRequest unsigned =
        TestRequest.post("{}").with("x-event-id", "e-1").with("x-event-type", "a.b.c");
    String tag = hex("1764000000.x-event-id x-event-type.e-1.a.b.c.{}");
    TestRequest request =
        unsigned.with("X-Hook0-Signature", "t=1764000000,h=x-event-id x-event-type,v1=" + tag);
    assertThat(verify("hook0", request)).isInstanceOf(Verdict.Verified.class);
    refused(verify("hook0", request.with("x-event-type", "a.b.d")), Reason.SIGNATURE_MISMATCH);
    refused(verify("hook0", request.without("x-event-id")), Reason.SIGNATURE_MALFORMED);
    refused(
        verify("hook0", request.with("X-Hook0-Signature", "t=1764000000,h=cookie,v1=" + tag)),
        Reason.SIGNATURE_MALFORMED);
    refused(
        verify("hook0", request.with("X-Hook0-Signature", "t=1764000000,v0=" + tag)),
        Reason.SIGNATURE_VERSION_UNSUPPORTED);
  }

  @Test
  void basic_nameAndPassword_areCompared() {
    String header =
        "Basic "
            + Base64.getEncoder().encodeToString("user:p\u00e4ss".getBytes(StandardCharsets.UTF_8));
    for (String scheme : List.of("basic", "postmark", "chargebee")) {
      SchemeVerifier verifier = TestKeys.verifier(scheme, "user:p\u00e4ss");
      TestRequest request = TestRequest.post("{}").with("Authorization", header);
      assertThat(verifier.verify(request, Sample.NOW)).isInstanceOf(Verdict.Verified.class);
      assertThat(
              verifier.verify(
                  request.with("Authorization", header.replace("Basic", "bASIC")), Sample.NOW))
          .isInstanceOf(Verdict.Verified.class);
      refused(
          verifier.verify(request.with("Authorization", "Bearer x"), Sample.NOW),
          Reason.SIGNATURE_MALFORMED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "16"})
  void docusign_anyOfTheNumberedHeaders_isEnough(String number) {
    String tag =
        Base64.getEncoder()
            .encodeToString(mac("HmacSHA256", SECRET.getBytes(StandardCharsets.UTF_8), "{}"));
    String wrong = Base64.getEncoder().encodeToString(new byte[32]);
    TestRequest request =
        TestRequest.post("{}")
            .with(Map.of("X-DocuSign-Signature-3", wrong))
            .with("X-DocuSign-Signature-" + number, tag);
    assertThat(verify("docusign", request)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void zendesk_andBox_areSignedWithTheirDates() {
    Instant at = Instant.parse("2025-11-24T16:00:00Z");
    assertThat(at).isEqualTo(Sample.NOW);
    byte[] key = SECRET.getBytes(StandardCharsets.UTF_8);
    String date = "2025-11-24T08:00:00-08:00";
    String tag = Base64.getEncoder().encodeToString(mac("HmacSHA256", key, "{}" + date));
    TestRequest box =
        TestRequest.post("{}")
            .with("BOX-DELIVERY-TIMESTAMP", date)
            .with("BOX-SIGNATURE-SECONDARY", tag);
    assertThat(verify("box", box)).isInstanceOf(Verdict.Verified.class);
    refused(
        verify("box", box.with("BOX-DELIVERY-TIMESTAMP", "2025-02-30T08:00:00-08:00")),
        Reason.TIMESTAMP_MALFORMED);
  }
}
