package io.zenmesh.e2e.door;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.door.Door.Endpoint;
import io.zenmesh.e2e.door.Door.Result;
import io.zenmesh.xds.model.SchemeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each provider's question, through Envoy: answered as the provider expects, and never forwarded.
 */
class ChallengeIT {
  private static final String SECRET = "a-shared-secret-of-a-test";
  private static final String TOKEN = "a-verify-token-of-a-test";
  private static final String OWN =
      """
      name: acme-orders
      title: Orders of Acme
      docs: https://acme.test/webhooks
      weak: false
      signature:
        header: X-Acme-Signature
        form: plain
        prefix: "v9="
        algorithm: hmac-sha256
        encoding: hex
        key: text
      content: "{timestamp}|{body}"
      timestamp: {header: X-Acme-Time, unit: seconds, tolerance: 60s}
      challenges:
        - when: {json: kind, equals: hello}
          value: {json: word}
          answer: {headers: {content-type: text/plain}, body: "{value}"}
      replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  @TempDir static Path directory;
  private static Door door;

  @BeforeAll
  static void open() throws IOException, GeneralSecurityException {
    KeyPair discord = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] spki = discord.getPublic().getEncoded();
    door =
        Door.open(
            directory,
            List.of(
                Endpoint.of("slack", "slack", SECRET),
                Endpoint.of("zoom", "zoom", SECRET),
                Endpoint.of("meta", "meta", SECRET).withVerifyToken(TOKEN),
                Endpoint.of("x", "x", SECRET),
                Endpoint.of("dropbox", "dropbox", SECRET),
                Endpoint.of("okta", "okta", SECRET),
                Endpoint.of("limited", "okta", SECRET),
                Endpoint.of("twitch", "twitch", SECRET),
                Endpoint.of("xero", "xero", SECRET),
                Endpoint.of("discord", "discord", pem(discord))
                    .withKey(
                        Optional.of(HexFormat.of().formatHex(spki, spki.length - 32, spki.length))),
                Endpoint.of("asana", "asana", SECRET)
                    .withKey(Optional.empty())
                    .with(
                        new SchemeSettings(
                            Optional.empty(),
                            List.of(),
                            false,
                            Optional.of(Clock.systemUTC().instant().plus(Duration.ofMinutes(30))),
                            List.of())),
                Endpoint.of("events", "token", SECRET)
                    .with(
                        new SchemeSettings(
                            Optional.empty(),
                            List.of(),
                            false,
                            Optional.empty(),
                            List.of("eventgrid.azure.net"))),
                Endpoint.of("own", "acme-orders", SECRET)
                    .with(new SchemeSettings(Optional.of(OWN), List.of(), false))));
  }

  @AfterAll
  static void close() throws IOException {
    door.close();
  }

  private static String pem(KeyPair pair) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----";
  }

  private static byte[] mac(String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }

  private static void assertAnswered(WireRequest question, String contentType, String body) {
    Result result = door.send(question);
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.body()).isEqualTo(body);
    assertThat(result.header("content-type")).containsExactly(contentType);
    assertThat(result.arrived()).isEmpty();
  }

  private static void assertRefused(WireRequest question, int status) {
    Result result = door.send(question);
    assertThat(result.status()).isEqualTo(status);
    assertThat(result.arrived()).isEmpty();
  }

  private static void assertForwarded(WireRequest event) {
    Result result = door.send(event);
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.arrived()).hasSize(1);
  }

  @Test
  void slack_urlVerification_isAnsweredWhenSigned() {
    String body = "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1a\"}";
    assertAnswered(door.signed("slack", body), "text/plain", "3eZbrw1a");
    // Twice: it is no event, so it is none that was seen.
    assertAnswered(door.signed("slack", body), "text/plain", "3eZbrw1a");
    assertRefused(door.post("slack", body), 401);
    assertForwarded(door.signed("slack", "{\"type\":\"event_callback\"}"));
  }

  @Test
  void zoom_urlValidation_isHashed_andAForgedEventIsNot() throws GeneralSecurityException {
    String question = "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"%s\"}}";
    assertAnswered(
        door.signed("zoom", question.formatted("qgg8vlvZ")),
        "application/json",
        "{\"plainToken\":\"qgg8vlvZ\",\"encryptedToken\":\""
            + HexFormat.of().formatHex(mac("qgg8vlvZ"))
            + "\"}");
    assertRefused(door.signed("zoom", question.formatted("v0:1764000000:{}")), 400);
    assertRefused(door.post("zoom", question.formatted("qgg8vlvZ")), 401);
  }

  @Test
  void meta_subscription_isEchoedForItsTokenOnly() {
    String query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    assertAnswered(door.bare("GET", "meta", query + TOKEN), "text/plain", "1158201444");
    assertRefused(door.bare("GET", "meta", query + "another"), 401);
    assertRefused(door.bare("POST", "meta", query + TOKEN), 401);
    assertForwarded(door.signed("meta", "{\"object\":\"page\"}"));
  }

  @Test
  void x_crc_isHashed_andAForgedEventIsNot() throws GeneralSecurityException {
    String hash = Base64.getEncoder().encodeToString(mac("MWFiMjM0"));
    assertAnswered(
        door.bare("GET", "x", "?crc_token=MWFiMjM0"),
        "application/json",
        "{\"response_token\":\"sha256=" + hash + "\"}");
    assertRefused(door.bare("GET", "x", "?crc_token=%7B%22forged%22:1%7D"), 400);
    // What the challenge gave is no signature of an event.
    assertRefused(
        door.post("x", "MWFiMjM0").plus("x-twitter-webhooks-signature", "sha256=" + hash), 400);
  }

  @Test
  void dropbox_challenge_isEchoedAsTextThatNobodySniffs() {
    assertAnswered(door.bare("GET", "dropbox", "?challenge=abc_1-2"), "text/plain", "abc_1-2");
    assertThat(
            door.send(door.bare("GET", "dropbox", "?challenge=abc"))
                .header("x-content-type-options"))
        .containsExactly("nosniff");
    assertRefused(door.bare("GET", "dropbox", "?challenge=%3Cb%3E"), 400);
  }

  @Test
  void okta_verification_isEchoed() {
    assertAnswered(
        door.bare("GET", "okta", "").plus("X-Okta-Verification-Challenge", "abc"),
        "application/json",
        "{\"verification\":\"abc\"}");
  }

  @Test
  void discord_ping_isAnsweredWhenSigned_and401Otherwise() {
    assertAnswered(door.signed("discord", "{\"type\":1}"), "application/json", "{\"type\":1}");
    assertRefused(
        door.signed("discord", "{\"type\":2}")
            .withBody(door.post("discord", "{\"type\":1}").body()),
        401);
    assertForwarded(door.signed("discord", "{\"type\":2}"));
  }

  @Test
  void twitch_callbackVerification_isEchoedWhenSigned() {
    String body = "{\"challenge\":\"pogchamp-kappa-360noscope-vohiyo\"}";
    String type = "Twitch-Eventsub-Message-Type";
    assertAnswered(
        door.signed("twitch", body).plus(type, "webhook_callback_verification"),
        "text/plain",
        "pogchamp-kappa-360noscope-vohiyo");
    assertRefused(door.post("twitch", body).plus(type, "webhook_callback_verification"), 401);
    assertForwarded(door.signed("twitch", body).plus(type, "notification"));
  }

  @Test
  void xero_intentToReceive_isAnsweredEmpty() {
    String body = "{\"events\":[],\"firstEventSequence\":0,\"lastEventSequence\":0}";
    Result right = door.send(door.signed("xero", body));
    assertThat(right.status()).isEqualTo(200);
    assertThat(right.body()).isEmpty();
    assertThat(right.arrived()).isEmpty();
    assertRefused(door.signed("xero", body, "another-secret"), 401);
  }

  @Test
  void asana_secret_isTakenOnceAndVerifiesFromThenOn() {
    String first = "0123456789abcdef0123456789abcdef";
    assertRefused(door.signed("asana", "{}", first), 503);

    Result taken = door.send(door.post("asana", "{}").plus("X-Hook-Secret", first));
    assertThat(taken.status()).isEqualTo(200);
    assertThat(taken.header("x-hook-secret")).containsExactly(first);
    assertThat(taken.arrived()).isEmpty();

    assertForwarded(door.signed("asana", "{\"events\":[]}", first));
    String second = "fedcba9876543210fedcba9876543210";
    Result late = door.send(door.post("asana", "{}").plus("X-Hook-Secret", second));
    assertThat(late.status()).isEqualTo(503);
    assertThat(late.header("x-hook-secret")).isEmpty();
    assertRefused(door.signed("asana", "{\"events\":[1]}", second), 401);
  }

  @Test
  void cloudEvents_options_areAnsweredForAllowedOriginsOnly() {
    Result allowed =
        door.send(
            door.bare("OPTIONS", "events", "")
                .plus("WebHook-Request-Origin", "eventgrid.azure.net")
                .plus("WebHook-Request-Rate", "120"));
    assertThat(allowed.status()).isEqualTo(200);
    assertThat(allowed.header("webhook-allowed-origin")).containsExactly("eventgrid.azure.net");
    assertThat(allowed.header("webhook-allowed-rate")).containsExactly("*");
    assertThat(allowed.arrived()).isEmpty();
    assertRefused(
        door.bare("OPTIONS", "events", "").plus("WebHook-Request-Origin", "evil.test"), 401);
  }

  @Test
  void ownScheme_verifiesRefusesAndAnswersAsItSays() {
    WireRequest order = door.signed("own", "{\"order\":1}");
    assertForwarded(order);
    assertRefused(door.signed("own", "{\"order\":1}", "another-secret"), 401);
    // The same bytes: signed again, a second later, it would be another message.
    assertRefused(order, 409);
    assertAnswered(
        door.signed("own", "{\"kind\":\"hello\",\"word\":\"abc\"}"), "text/plain", "abc");
  }

  @Test
  void unsignedQuestions_areLimited() {
    int limited = 0;
    for (int i = 0; i < 20; i++) {
      Result result =
          door.send(door.bare("GET", "limited", "").plus("X-Okta-Verification-Challenge", "abc"));
      limited += result.status() == 429 ? 1 : 0;
    }
    assertThat(limited).isPositive();
  }
}
