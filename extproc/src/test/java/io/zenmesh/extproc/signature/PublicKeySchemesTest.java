package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemes whose senders hold a private key: signatures, key choice, and what is pinned. */
class PublicKeySchemesTest {
  private static final KeyPair RSA = TestKeys.pair("RSA");
  private static final KeyPair EC = TestKeys.pair("EC");
  private static final KeyPair ED = TestKeys.pair("Ed25519");
  private static final Instant NOW = Sample.NOW;
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final String CERT = "https://sns.eu-west-1.amazonaws.com/SimpleNotification.pem";

  private static final KeySource RSA_ALWAYS =
      reference -> Optional.of(new RemoteKey(RSA.getPublic(), Instant.EPOCH, Optional.empty()));

  private static byte[] sign(String algorithm, PrivateKey key, String content) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(content.getBytes(StandardCharsets.UTF_8));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static SchemeVerifier verifier(String scheme, KeySource source, String... keys) {
    return SchemeVerifier.prepare(
        TestKeys.scheme(scheme),
        SchemeVerifier.Settings.DEFAULT,
        List.of(keys).stream().map(key -> TestKeys.key("k1", key)).toList(),
        source);
  }

  private static void verified(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Verified.class);
  }

  private static void refused(Verdict verdict, Reason reason) {
    assertThat(verdict).isEqualTo(new Verdict.Refused(reason));
  }

  // --- SendGrid: ECDSA in DER ---

  private static TestRequest sendgrid(byte[] signature) {
    return TestRequest.post("[{}]\r\n")
        .with("X-Twilio-Email-Event-Webhook-Timestamp", "1764000000")
        .with("X-Twilio-Email-Event-Webhook-Signature", base64(signature));
  }

  @Test
  void sendgrid_derWithTrailingBytesOrOtherForm_isMalformed() {
    SchemeVerifier verifier =
        verifier("sendgrid", KeySource.NONE, base64(EC.getPublic().getEncoded()));
    byte[] right = sign("SHA256withECDSA", EC.getPrivate(), "1764000000[{}]\r\n");
    verified(verifier.verify(sendgrid(right), NOW));
    refused(verifier.verify(sendgrid(right).withBody("[{}]\n"), NOW), Reason.SIGNATURE_MISMATCH);
    byte[] longer = Arrays.copyOf(right, right.length + 1);
    refused(verifier.verify(sendgrid(longer), NOW), Reason.SIGNATURE_MALFORMED);
    byte[] raw = sign("SHA256withECDSAinP1363Format", EC.getPrivate(), "1764000000[{}]\r\n");
    refused(verifier.verify(sendgrid(raw), NOW), Reason.SIGNATURE_MALFORMED);
    refused(verifier.verify(sendgrid(right), NOW.plusSeconds(301)), Reason.TIMESTAMP_TOO_OLD);
  }

  // --- Ed25519 ---

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "00",
      })
  void discord_keyOfSmallOrder_refusesToLoad(String key) {
    assertThatThrownBy(() -> TestKeys.verifier("discord", key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("key k1: ");
  }

  @Test
  void standardWebhooks_v1a_isVerifiedByItsPublicKeyOnly() {
    byte[] spki = ED.getPublic().getEncoded();
    String key = "whpk_" + base64(Arrays.copyOfRange(spki, 12, 44));
    TestRequest request =
        TestRequest.post("{}").with("webhook-id", "msg_1").with("webhook-timestamp", "1764000000");
    String tag = base64(sign("Ed25519", ED.getPrivate(), "msg_1.1764000000.{}"));
    SchemeVerifier asymmetric = TestKeys.verifier("standard-webhooks", key);
    verified(asymmetric.verify(request.with("webhook-signature", "v1a," + tag), NOW));
    verified(asymmetric.verify(request.with("webhook-signature", "v1,AAAA v1a," + tag), NOW));
    refused(
        asymmetric.verify(request.with("webhook-signature", "v1," + tag), NOW),
        Reason.SIGNATURE_VERSION_UNSUPPORTED);
    SchemeVerifier both =
        TestKeys.verifier(
            "standard-webhooks",
            TestKeys.key("shared", TestKeys.WHSEC),
            TestKeys.key("public", key));
    Verdict verdict = both.verify(request.with("webhook-signature", "v1a," + tag), NOW);
    assertThat(((Verdict.Verified) verdict).keyId()).isEqualTo("public");
  }

  // --- PayPal ---

  private static TestRequest paypal(String body, String certUrl) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    String content = "id-1|2025-11-24T16:00:00Z|WH-1|" + crc.getValue();
    return TestRequest.post(body)
        .with("PAYPAL-TRANSMISSION-ID", "id-1")
        .with("PAYPAL-TRANSMISSION-TIME", "2025-11-24T16:00:00Z")
        .with("PAYPAL-CERT-URL", certUrl)
        .with("PAYPAL-AUTH-ALGO", "SHA256withRSA")
        .with("PAYPAL-TRANSMISSION-SIG", base64(sign("SHA256withRSA", RSA.getPrivate(), content)));
  }

  @Test
  void paypal_crc32OfTheVector_isInTheContent() throws Refusal {
    String body = "{\"hello\":\"world\"}";
    SchemeVerifier verifier = verifier("paypal", RSA_ALWAYS, "WH-1");
    TestRequest request = paypal(body, "https://api.paypal.com/cert");
    assertThat(new String(verifier.signedContent(request), StandardCharsets.US_ASCII))
        .isEqualTo("id-1|2025-11-24T16:00:00Z||3624485329");
  }

  @Test
  void paypal_signature_isOfTheWebhookAndThePinnedCertificate() {
    TestRequest right = paypal("{}", "https://api.paypal.com/v1/notifications/certs/CERT-1");
    verified(verifier("paypal", RSA_ALWAYS, "WH-1").verify(right, NOW));
    refused(verifier("paypal", RSA_ALWAYS, "WH-2").verify(right, NOW), Reason.SIGNATURE_MISMATCH);
    refused(
        verifier("paypal", RSA_ALWAYS, "WH-1").verify(right.withBody("{ }"), NOW),
        Reason.SIGNATURE_MISMATCH);
    refused(verifier("paypal", KeySource.NONE, "WH-1").verify(right, NOW), Reason.KEY_UNAVAILABLE);
    refused(verifier("paypal", RSA_ALWAYS).verify(right, NOW), Reason.KEY_UNAVAILABLE);
    refused(
        verifier("paypal", RSA_ALWAYS, "WH-1")
            .verify(right.with("PAYPAL-AUTH-ALGO", "SHA1withRSA"), NOW),
        Reason.SIGNATURE_VERSION_UNSUPPORTED);
    KeySource ended =
        reference ->
            Optional.of(new RemoteKey(RSA.getPublic(), Instant.EPOCH, Optional.of(Instant.EPOCH)));
    refused(verifier("paypal", ended, "WH-1").verify(right, NOW), Reason.KEY_OUTSIDE_VALIDITY);
    KeySource unfit =
        reference -> Optional.of(new RemoteKey(EC.getPublic(), Instant.EPOCH, Optional.empty()));
    refused(verifier("paypal", unfit, "WH-1").verify(right, NOW), Reason.KEY_UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.paypal.com/cert",
        "https://api.paypal.com.attacker.tld/cert",
        "https://paypal.com/cert",
        "https://api.paypal.com@attacker.tld/cert",
        "https://api.paypal.com:8443/cert",
        "https://api.paypal.com/../cert",
        "https://api.paypal.com/cert?x",
        "https://api.paypal.com/cert#x",
        "https://127.0.0.1/cert",
        "ftp://api.paypal.com/cert",
        "https:///cert",
        "cert",
      })
  void certificate_atAnotherPlace_isNeverAskedFor(String url) {
    KeySource never =
        reference -> {
          throw new AssertionError(reference);
        };
    refused(
        verifier("paypal", never, "WH-1").verify(paypal("{}", url), NOW),
        Reason.SIGNATURE_MALFORMED);
  }

  // --- SNS ---

  private static TestRequest sns(Map<String, String> fields, String version) {
    StringBuilder content = new StringBuilder();
    StringBuilder body = new StringBuilder("{");
    for (String name :
        List.of(
            "Message",
            "MessageId",
            "Subject",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type")) {
      String value = fields.getOrDefault(name, "");
      if (!value.isEmpty()) {
        content.append(name).append('\n').append(value).append('\n');
        body.append('"').append(name).append("\":\"").append(value).append("\",");
      }
    }
    String algorithm = version.equals("1") ? "SHA1withRSA" : "SHA256withRSA";
    body.append("\"SignatureVersion\":\"").append(version).append("\",");
    body.append("\"SigningCertURL\":\"").append(CERT).append("\",\"Signature\":\"");
    body.append(base64(sign(algorithm, RSA.getPrivate(), content.toString()))).append("\"}");
    return TestRequest.post(body.toString());
  }

  private static Map<String, String> notification() {
    return Map.of(
        "Message", "h\u00e9llo",
        "MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "Timestamp", "2025-11-24T16:00:00.000Z",
        "TopicArn", TOPIC,
        "Type", "Notification");
  }

  static Challenge snsConfirmation(String url) {
    TestRequest request =
        sns(
            Map.of(
                "Message", "You have chosen to subscribe",
                "MessageId", "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
                "SubscribeURL", url,
                "Timestamp", "2025-11-24T16:00:00.000Z",
                "Token", "2336412f37",
                "TopicArn", TOPIC,
                "Type", "SubscriptionConfirmation"),
            "2");
    SchemeVerifier verifier = verifier("aws-sns", RSA_ALWAYS, TOPIC);
    return verifier.signedChallenge(request, (Verdict.Verified) verifier.verify(request, NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void sns_bothVersions_areVerified(String version) {
    Verdict verdict =
        verifier("aws-sns", RSA_ALWAYS, TOPIC).verify(sns(notification(), version), NOW);
    verified(verdict);
    assertThat(((Verdict.Verified) verdict).eventId())
        .contains("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
    verified(
        verifier("aws-sns", RSA_ALWAYS, "arn:aws:sns:eu-west-1:1:other", TOPIC)
            .verify(sns(notification(), version), NOW));
  }

  @Test
  void sns_topicThatIsNotListed_isMismatch() {
    refused(
        verifier("aws-sns", RSA_ALWAYS, TOPIC + "2").verify(sns(notification(), "2"), NOW),
        Reason.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eu-west-1.amazonaws.com/Simple | evil.amazonaws.com.attacker.tld/Simple | SIGNATURE_MALFORMED",
        ".pem | .crt | SIGNATURE_MALFORMED",
        "\"SignatureVersion\":\"2\" | \"SignatureVersion\":\"3\" | SIGNATURE_VERSION_UNSUPPORTED",
        "\"SignatureVersion\":\"2\" | \"SignatureVersion\":\"1\" | SIGNATURE_MISMATCH",
        "h\u00e9llo | hello | SIGNATURE_MISMATCH",
        "\"Type\":\"Notification\" | \"Type\":\"Notification\",\"Subject\":\"x\" | SIGNATURE_MISMATCH",
        "\"Type\":\"Notification\" | \"Type\":\"A\",\"Type\":\"Notification\" | BODY_MALFORMED",
        "\"Signature\": | \"Sig\": | SIGNATURE_MISSING",
        "\"Timestamp\": | \"Time\": | TIMESTAMP_MISSING",
      })
  void sns_changed_isRefused(String from, String to, Reason reason) {
    TestRequest right = sns(notification(), "2");
    String body = new String(right.content().array(), StandardCharsets.UTF_8);
    assertThat(body).contains(from);
    refused(
        verifier("aws-sns", RSA_ALWAYS, TOPIC).verify(right.withBody(body.replace(from, to)), NOW),
        reason);
  }

  @Test
  void sns_olderThanAnHour_isTooOld() {
    refused(
        verifier("aws-sns", RSA_ALWAYS, TOPIC)
            .verify(sns(notification(), "2"), NOW.plus(Duration.ofMinutes(61))),
        Reason.TIMESTAMP_TOO_OLD);
  }

  // --- JSON Web Tokens ---

  private static String url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String token(String header, String claims) {
    String signed =
        url(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + url(claims.getBytes(StandardCharsets.UTF_8));
    return signed + "." + url(sign("SHA256withECDSAinP1363Format", EC.getPrivate(), signed));
  }

  private static String claims(String body) {
    String hash = HexFormat.of().formatHex(Sha256.of(body.getBytes(StandardCharsets.UTF_8)));
    return "{\"iat\":1764000000,\"request_body_sha256\":\"" + hash + "\"}";
  }

  private static final KeySource PLAID =
      reference ->
          reference.equals(new KeyReference.KeyId("kid-1"))
              ? Optional.of(new RemoteKey(EC.getPublic(), Instant.EPOCH, Optional.empty()))
              : Optional.empty();

  private static final String ES256 = "{\"alg\":\"ES256\",\"kid\":\"kid-1\",\"typ\":\"JWT\"}";

  private static Verdict plaid(String header, String claims, String body, Instant now) {
    return verifier("plaid", PLAID)
        .verify(TestRequest.post(body).with("Plaid-Verification", token(header, claims)), now);
  }

  @Test
  void plaid_tokenAndBody_areVerifiedTogether() {
    Verdict verdict = plaid(ES256, claims("{ }"), "{ }", NOW);
    verified(verdict);
    assertThat(((Verdict.Verified) verdict).keyId()).isEqualTo("kid-1");
    refused(plaid(ES256, claims("{ }"), "{}", NOW), Reason.SIGNATURE_MISMATCH);
    refused(plaid(ES256, "{\"iat\":1764000000}", "{}", NOW), Reason.SIGNATURE_MALFORMED);
    refused(plaid(ES256, claims("{}"), "{}", NOW.plusSeconds(301)), Reason.TIMESTAMP_TOO_OLD);
    refused(plaid(ES256, claims("{}").replace("iat", "at"), "{}", NOW), Reason.TIMESTAMP_MISSING);
    refused(
        plaid(ES256.replace("kid-1", "kid-2"), claims("{}"), "{}", NOW), Reason.KEY_UNAVAILABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ES256 | none | SIGNATURE_VERSION_UNSUPPORTED",
        "ES256 | HS256 | SIGNATURE_VERSION_UNSUPPORTED",
        "ES256 | RS256 | SIGNATURE_VERSION_UNSUPPORTED",
        "\"typ\":\"JWT\" | \"crit\":[\"x\"] | SIGNATURE_MALFORMED",
        "\"typ\":\"JWT\" | \"b64\":false | SIGNATURE_MALFORMED",
        "\"typ\":\"JWT\" | \"alg\":\"ES256\" | SIGNATURE_MALFORMED",
        "\"typ\":\"JWT\" | \"jku\":\"https://evil.example/jwks\" | SIGNATURE_MALFORMED",
        "\"kid\":\"kid-1\" | \"kid\":\"../kid-1\" | SIGNATURE_MALFORMED",
        "\"kid\":\"kid-1\", | '' | SIGNATURE_MALFORMED",
        "\"alg\":\"ES256\", | '' | SIGNATURE_MALFORMED",
      })
  void plaid_header_decidesNothing(String from, String to, Reason reason) {
    assertThat(ES256).contains(from);
    refused(plaid(ES256.replace(from, to), claims("{}"), "{}", NOW), reason);
  }

  @Test
  void P02_publicKeyOfAToken_isNoSharedSecret() {
    // Rubbish in PEM must not end up as a text that anybody can sign with.
    String pem = TestKeys.pem(TestKeys.pair("RSA").getPublic());
    for (String key : List.of(pem.replace("MII", "MIJ"), pem.replace("PUBLIC", "OTHER"))) {
      assertThatThrownBy(() -> TestKeys.verifier("jwt", key))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> TestKeys.verifier("cavage", key))
          .isInstanceOf(IllegalArgumentException.class);
    }
    SchemeVerifier verifier = TestKeys.verifier("jwt", TestKeys.pem(RSA.getPublic()));
    TestRequest request = TestRequest.post("");
    TestRequest forged =
        request.with(
            SchemeSigner.sign(
                TestKeys.scheme("jwt"),
                TestKeys.secret(TestKeys.pem(RSA.getPublic())),
                request.message(),
                new SchemeSigner.Delivery(NOW, "id-1")));
    refused(verifier.verify(forged, NOW), Reason.SIGNATURE_VERSION_UNSUPPORTED);
  }

  @ParameterizedTest
  @CsvSource({
    "jwt, EC, SHA256withECDSAinP1363Format, ES256",
    "jwt, RSA, SHA256withRSA, RS256",
    "jwt, Ed25519, Ed25519, EdDSA",
  })
  void bearerToken_eachAlgorithm_isChosenByTheKey(
      String scheme, String family, String algorithm, String alg) {
    KeyPair pair = family.equals("EC") ? EC : family.equals("RSA") ? RSA : ED;
    String head = "{\"alg\":\"" + alg + "\"}";
    for (String claims :
        List.of(
            "{\"iat\":1764000000}",
            "{\"iat\":1764000000,\"exp\":1763999900}",
            "{\"iat\":1764000000,\"nbf\":1764000100}")) {
      String signed =
          url(head.getBytes(StandardCharsets.UTF_8))
              + "."
              + url(claims.getBytes(StandardCharsets.UTF_8));
      String token = signed + "." + url(sign(algorithm, pair.getPrivate(), signed));
      Verdict verdict =
          TestKeys.verifier(scheme, TestKeys.pem(pair.getPublic()))
              .verify(TestRequest.post("x").with("Authorization", "Bearer " + token), NOW);
      if (claims.contains("exp")) {
        refused(verdict, Reason.TIMESTAMP_TOO_OLD);
      } else if (claims.contains("nbf")) {
        refused(verdict, Reason.TIMESTAMP_IN_FUTURE);
      } else {
        verified(verdict);
      }
    }
  }

  @Test
  void remoteKey_url_isWhatTheMessageNamed() {
    verified(
        verifier(
                "aws-sns",
                reference -> {
                  assertThat(reference).isEqualTo(new KeyReference.Certificate(URI.create(CERT)));
                  return RSA_ALWAYS.find(reference);
                },
                TOPIC)
            .verify(sns(notification(), "2"), NOW));
  }
}
