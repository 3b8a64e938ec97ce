package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each mistake that senders and operators make is named, and nothing secret is. */
class ExplainerTest {
  private static final String BODY = "{\"event\": \"paid\", \"name\": \"\u00fc\"}";

  private static TestRequest signed(String scheme, String secret, String body, Instant at) {
    TestRequest request = TestRequest.post(body);
    return request.with(
        SchemeSigner.sign(
            TestKeys.scheme(scheme),
            TestKeys.secret(secret),
            request.message(),
            new SchemeSigner.Delivery(at, "0f8fad5bd9cb469fa16570867728950e")));
  }

  private static List<Cause> explain(String scheme, TestRequest request, VerificationKey... keys) {
    return Explainer.explain(
        TestKeys.scheme(scheme),
        SchemeVerifier.Settings.DEFAULT,
        List.of(keys),
        request,
        Sample.NOW,
        Catalogue.bundled().schemes());
  }

  private static void first(List<Cause> causes, Cause.Kind kind, String text) {
    assertThat(causes).isNotEmpty();
    assertThat(causes.getFirst().kind()).as("%s", causes).isEqualTo(kind);
    assertThat(causes.getFirst().text()).contains(text);
  }

  @Test
  void verified_needsNoExplanation() {
    assertThat(explain("stripe", signed("stripe", "s", BODY, Sample.NOW), TestKeys.key("k1", "s")))
        .isEmpty();
  }

  @Test
  void wrongSecret_isNamedWhenNothingElseMatches() {
    TestRequest request = signed("stripe", "canary-one", BODY, Sample.NOW);
    List<Cause> causes = explain("stripe", request, TestKeys.key("k1", "canary-two"));
    assertThat(causes).hasSize(1);
    first(causes, Cause.Kind.WRONG_SECRET_OR_BODY, "another secret");
  }

  @Test
  void previousSecret_isNamed() {
    first(
        explain(
            "stripe",
            signed("stripe", "old", BODY, Sample.NOW),
            TestKeys.key("new", "new"),
            TestKeys.key("old", "old", Instant.EPOCH, Sample.NOW.minusSeconds(60))),
        Cause.Kind.SECRET_OUTSIDE_VALIDITY,
        "does not count");
  }

  @ParameterizedTest
  @CsvSource({"github", "stripe", "standard-webhooks", "zen", "shopify"})
  void trailingNewline_lostOrAdded_isNamed(String scheme) {
    String secret =
        switch (scheme) {
          case "zen" -> TestKeys.ZEN;
          case "standard-webhooks" -> TestKeys.WHSEC;
          default -> "s";
        };
    VerificationKey key = TestKeys.key("k1", secret);
    first(
        explain(scheme, signed(scheme, secret, BODY + "\n", Sample.NOW).withBody(BODY), key),
        Cause.Kind.BODY_LINE_END,
        "lost");
    first(
        explain(scheme, signed(scheme, secret, BODY, Sample.NOW).withBody(BODY + "\r\n"), key),
        Cause.Kind.BODY_LINE_END,
        "added");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"event\":\"paid\",\"name\":\"\u00fc\"} | without blanks",
        "{\"event\":\"paid\",\"name\":\"\\u00fc\"} | without blanks, escaped to ASCII",
        "{\"event\": \"paid\", \"name\": \"\\u00fc\"} | a blank after colons and commas, escaped",
      })
  void reserialisedJson_isNamedWithTheSendersSpelling(String sent, String how) {
    String received = "{ \"event\":\"paid\",\n \"name\":\"\u00fc\" }";
    reserialised(sent, received, how);
    reserialised(sent + "\n", received + "\n", how);
  }

  private static void reserialised(String sent, String received, String how) {
    List<Cause> causes =
        explain(
            "github",
            signed("github", "s", sent, Sample.NOW).withBody(received),
            TestKeys.key("k1", "s"));
    first(causes, Cause.Kind.BODY_RESERIALISED, how);
    assertThat(causes)
        .as("each cause once")
        .filteredOn(it -> it.kind() != Cause.Kind.OTHER_SCHEME)
        .hasSize(1);
  }

  @Test
  void lineEndLost_isTheOnlyCauseOfTheBody() {
    List<Cause> causes =
        explain(
            "github",
            signed("github", "s", BODY + "\n", Sample.NOW).withBody(BODY),
            TestKeys.key("k1", "s"));
    assertThat(causes)
        .extracting(Cause::kind)
        .contains(Cause.Kind.BODY_LINE_END)
        .doesNotContain(Cause.Kind.BODY_RESERIALISED);
  }

  @Test
  void whsec_notStripped_isNamed() {
    // The sender took the whole secret as text, where the scheme decodes what follows whsec_.
    Scheme asText = withKey("standard-webhooks", KeyDecoding.TEXT);
    TestRequest request = TestRequest.post(BODY);
    TestRequest wrong =
        request.with(
            SchemeSigner.sign(
                asText,
                TestKeys.secret(TestKeys.WHSEC),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "msg_1")));
    first(
        explain("standard-webhooks", wrong, TestKeys.key("k1", TestKeys.WHSEC)),
        Cause.Kind.SECRET_FORM,
        "as text, the scheme takes it as whsec");
  }

  @ParameterizedTest
  @CsvSource({"WHSEC, whsec", "WHSEC_TEXT, whsec-text"})
  void stripe_whsecStripped_isNamed(KeyDecoding decoding, String shown) {
    TestRequest request = TestRequest.post(BODY);
    TestRequest wrong =
        request.with(
            SchemeSigner.sign(
                withKey("stripe", decoding),
                TestKeys.secret(TestKeys.WHSEC),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "id")));
    first(
        explain("stripe", wrong, TestKeys.key("k1", TestKeys.WHSEC)),
        Cause.Kind.SECRET_FORM,
        "as " + shown + ", the scheme takes it as text");
  }

  private static Scheme withKey(String name, KeyDecoding decoding) {
    Scheme scheme = TestKeys.scheme(name);
    Scheme.Signature own = scheme.signature();
    return scheme.with(own.with(own.algorithm(), own.encoding(), decoding));
  }

  @Test
  void secretWithANewline_isNamed() {
    first(
        explain("github", signed("github", "s", BODY, Sample.NOW), TestKeys.key("k1", "s\n")),
        Cause.Kind.SECRET_FORM,
        "stripped");
  }

  @Test
  void milliseconds_forSeconds_areNamed() {
    Scheme scheme = TestKeys.scheme("slack");
    TimestampRule rule = scheme.inputs().timestamp().orElseThrow();
    Scheme milliseconds =
        scheme.with(
            new TimestampRule(rule.source(), TimestampRule.Unit.MILLISECONDS, rule.tolerance()));
    TestRequest request = TestRequest.post(BODY);
    TestRequest wrong =
        request.with(
            SchemeSigner.sign(
                milliseconds,
                TestKeys.secret("s"),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "id")));
    List<Cause> causes = explain("slack", wrong, TestKeys.key("k1", "s"));
    first(causes, Cause.Kind.TIMESTAMP_UNIT, "in milliseconds, the scheme has seconds");
  }

  @Test
  void lateDelivery_isTheClock() {
    first(
        explain(
            "stripe",
            signed("stripe", "s", BODY, Sample.NOW.minusSeconds(400)),
            TestKeys.key("k1", "s")),
        Cause.Kind.CLOCK,
        "400 s ago");
  }

  @Test
  void lateDeliveryOfAChangedBody_isTheBody() {
    TestRequest late = signed("stripe", "s", BODY + "\n", Sample.NOW.minusSeconds(400));
    first(
        explain("stripe", late.withBody(BODY), TestKeys.key("k1", "s")),
        Cause.Kind.BODY_LINE_END,
        "lost");
  }

  @Test
  void otherScheme_isNamed() {
    List<Cause> causes =
        explain("github", signed("github-sha1", "s", BODY, Sample.NOW), TestKeys.key("k1", "s"));
    assertThat(causes)
        .contains(
            new Cause(Cause.Kind.OTHER_SCHEME, "the message is right for scheme github-sha1"));
    // The symptom comes after what explains it.
    assertThat(causes.getLast())
        .isEqualTo(new Cause(Cause.Kind.HEADER, "X-Hub-Signature-256 or what it needs is absent"));
    assertThat(
            explain(
                "jira",
                signed("bitbucket", "s", BODY, Sample.NOW).withBody(BODY + " "),
                TestKeys.key("k1", "s")))
        .extracting(Cause::kind)
        .doesNotContain(Cause.Kind.OTHER_SCHEME);
  }

  @Test
  void encodingCaseAndAlgorithm_areNamed() {
    VerificationKey key = TestKeys.key("k1", "s");
    TestRequest right = signed("gitea", "s", BODY, Sample.NOW);
    String hex = right.one("X-Gitea-Signature");
    String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    assertThat(explain("gitea", right.with("X-Gitea-Signature", base64), key))
        .extracting(Cause::kind)
        .contains(Cause.Kind.SIGNATURE_ENCODING);
    assertThat(explain("gitea", right.with("X-Gitea-Signature", hex.toUpperCase(Locale.ROOT)), key))
        .extracting(Cause::kind)
        .contains(Cause.Kind.SIGNATURE_ENCODING);
    Scheme gitea = TestKeys.scheme("gitea");
    Scheme sha1 =
        gitea.with(
            gitea
                .signature()
                .with(SignatureAlgorithm.HMAC_SHA1, TagEncoding.HEX, KeyDecoding.TEXT));
    TestRequest wrong =
        TestRequest.post(BODY)
            .with(
                SchemeSigner.sign(
                    sha1,
                    TestKeys.secret("s"),
                    TestRequest.post(BODY).message(),
                    new SchemeSigner.Delivery(Sample.NOW, "id")));
    assertThat(explain("gitea", wrong, key))
        .contains(
            new Cause(Cause.Kind.ALGORITHM, "the message is signed by hmac-sha1, not hmac-sha256"));
  }

  @Test
  void signedUrl_thatDiffers_isNamed() {
    TestRequest request = TestRequest.post(BODY).withPath("/acme/orders/");
    List<Cause> causes =
        Explainer.explain(
            TestKeys.scheme("hubspot-v2"),
            new SchemeVerifier.Settings(
                Optional.empty(), Optional.of("https://hooks.example.com/acme/orders")),
            List.of(TestKeys.key("k1", "s")),
            TestRequest.post(BODY)
                .withPath("/acme/orders/")
                .with(
                    SchemeSigner.sign(
                        TestKeys.scheme("hubspot-v2"),
                        TestKeys.secret("s"),
                        request.message(),
                        new SchemeSigner.Delivery(Sample.NOW, "id"))),
            Sample.NOW,
            List.of());
    first(causes, Cause.Kind.URL, "https://hooks.example.com/acme/orders/");
  }

  @Test
  void P12_output_holdsNoSecretAndNoSignature() {
    String secret = "canary-" + "x".repeat(20);
    for (String scheme : List.of("github", "stripe", "slack", "gitea")) {
      TestRequest request = signed(scheme, secret, BODY + "\n", Sample.NOW).withBody(BODY);
      TestRequest right = signed(scheme, secret, BODY, Sample.NOW);
      String all = explain(scheme, request, TestKeys.key("k1", secret)).toString();
      assertThat(all).doesNotContain("canary");
      String tag = right.one(TestKeys.scheme(scheme).signature().header().shown());
      assertThat(all).doesNotContain(tag.substring(tag.length() - 20));
      assertThat(all.getBytes(StandardCharsets.UTF_8).length).isLessThan(1_000);
    }
  }
}
