package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scheme that we can sign for, signed right, and then wrong in each way for its reason. */
class CatalogueNegativesTest {
  private static final String BODY =
      "{\"event\":\"paid\",\"event_id\":\"ev_1\",\"webhookTimestamp\":1764000000000,"
          + "\"lastEventSequence\":7}";

  static List<String> signable() {
    return Catalogue.bundled().schemes().stream()
        .filter(scheme ->
            scheme.signature().source() instanceof ValueSource.Headers
                && scheme.signature().algorithm().kind() != SignatureAlgorithm.Kind.PUBLIC)
        .map(Scheme::name)
        .toList();
  }

  static List<String> keyed() {
    return signable().stream()
        .filter(name ->
            TestKeys.scheme(name).signature().algorithm().kind() != SignatureAlgorithm.Kind.TOKEN)
        .toList();
  }

  static List<String> timed() {
    return keyed().stream()
        .filter(name -> TestKeys.scheme(name).tolerance().isPresent())
        .filter(name -> !name.equals("linear")) // its time stands in the body
        .toList();
  }

  private static String secret(Scheme scheme, boolean other) {
    String letter = other ? "B" : "A";
    return switch (scheme.signature().key()) {
      case TEXT ->
          scheme.signature().form() instanceof TokenForm ? letter.repeat(40) : "s" + letter;
      case HEX -> (other ? "b" : "a").repeat(64);
      case BASE64 -> letter.repeat(44);
      case WHSEC -> other ? TestKeys.WHSEC_OTHER : TestKeys.WHSEC;
      case ZENK1 -> other ? TestKeys.ZEN_OTHER : TestKeys.ZEN;
      case PEM, WHPK, STRIPPED, WHSEC_TEXT -> throw new AssertionError(scheme);
    };
  }

  private static TestRequest signed(String name, Instant at, boolean other) {
    Scheme scheme = TestKeys.scheme(name);
    TestRequest request = TestRequest.post(BODY);
    if (name.equals("twilio")) {
      request =
          TestRequest.post("a=1&b=%20&a=1")
              .with("Content-Type", "application/x-www-form-urlencoded");
    }
    return request.with(
        SchemeSigner.sign(
            scheme,
            TestKeys.secret(secret(scheme, other)),
            request.message(),
            new SchemeSigner.Delivery(at, "0f8fad5bd9cb469fa16570867728950e")));
  }

  private static Verdict verify(String name, TestRequest request, Instant now) {
    return TestKeys.verifier(name, secret(TestKeys.scheme(name), false)).verify(request, now);
  }

  private static void refused(String name, TestRequest request, Reason reason) {
    assertThat(verify(name, request, Sample.NOW)).isEqualTo(new Verdict.Refused(reason));
  }

  private static String header(String name) {
    return TestKeys.scheme(name).signature().header().lowerCase();
  }

  @Test
  void catalogue_ofSection5_isWhole() {
    String all =
        "zen standard-webhooks svix github github-sha1 gitlab gitlab-token stripe slack shopify"
            + " twilio square zoom paddle intercom bitbucket jira linear vercel discord sendgrid"
            + " paypal mailgun dropbox dropbox-sign adyen adyen-platform docusign hubspot-v1"
            + " hubspot-v2 hubspot-v3 zendesk aws-sns circleci pagerduty typeform calendly"
            + " woocommerce xero plaid meta twitch okta auth0 asana airtable gitea webflow"
            + " elevenlabs hook0 convoy fusionauth box postmark chargebee x rfc9421 cavage token"
            + " basic jwt";
    assertThat(Catalogue.bundled().schemes().stream().map(Scheme::name))
        .contains(all.split(" "))
        .hasSize(64);
  }

  @ParameterizedTest
  @MethodSource("signable")
  void message_right_isVerified(String name) {
    assertThat(verify(name, signed(name, Sample.NOW, false), Sample.NOW))
        .isInstanceOf(Verdict.Verified.class);
  }

  @ParameterizedTest
  @MethodSource("signable")
  void P02_anotherSecret_isMismatch(String name) {
    refused(name, signed(name, Sample.NOW, true), Reason.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void body_changedByOneByte_isMismatch(String name) {
    TestRequest request = signed(name, Sample.NOW, false);
    byte[] body = request.content().array();
    body[9] ^= 1;
    if (name.equals("jwt")) {
      assertThat(verify(name, request.withBody(body), Sample.NOW))
          .isInstanceOf(Verdict.Verified.class);
    } else {
      refused(name, request.withBody(body), Reason.SIGNATURE_MISMATCH);
    }
  }

  @ParameterizedTest
  @MethodSource("signable")
  void P01_signatureAbsentOrEmpty_isMissing(String name) {
    TestRequest request = signed(name, Sample.NOW, false);
    refused(name, request.without(header(name)), Reason.SIGNATURE_MISSING);
    refused(name, request.with(header(name), ""), Reason.SIGNATURE_MISSING);
  }

  @ParameterizedTest
  @MethodSource("signable")
  void E01_everyHeaderTwice_isDuplicated(String name) {
    TestRequest request = signed(name, Sample.NOW, false);
    for (String header : TestKeys.scheme(name).headers()) {
      TestRequest twice = request.with(header, "a", "a");
      refused(name, twice, Reason.HEADER_DUPLICATED);
    }
  }

  @ParameterizedTest
  @MethodSource("signable")
  void signature_nonAscii_isMalformed(String name) {
    TestRequest request = signed(name, Sample.NOW, false);
    refused(
        name,
        request.with(header(name), request.one(header(name)) + "\u00e9"),
        Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void P01_signatureCut_isNeverVerified(String name) {
    TestRequest request = signed(name, Sample.NOW, false);
    String text = request.one(header(name));
    for (int cut = 1; cut < Math.min(text.length(), 20); cut++) {
      refused(
          name,
          request.with(header(name), text.substring(0, text.length() - cut)),
          Reason.SIGNATURE_MALFORMED);
    }
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void hex_upperCase_isMalformed(String name) {
    if (TestKeys.scheme(name).signature().encoding() == TagEncoding.HEX) {
      TestRequest request = signed(name, Sample.NOW, false);
      String text = request.one(header(name));
      int from = text.length() - 2 * TestKeys.scheme(name).signature().algorithm().tagLength();
      String upper = text.substring(0, from) + text.substring(from).toUpperCase(Locale.ROOT);
      refused(name, request.with(header(name), upper), Reason.SIGNATURE_MALFORMED);
    }
  }

  @ParameterizedTest
  @MethodSource("timed")
  void P06_bothEdgesOfTheTolerance_areInside(String name) {
    Duration tolerance = TestKeys.scheme(name).tolerance().orElseThrow();
    TestRequest request = signed(name, Sample.NOW, false);
    for (Duration age : List.of(tolerance, tolerance.negated())) {
      assertThat(verify(name, request, Sample.NOW.plus(age))).isInstanceOf(Verdict.Verified.class);
    }
    assertThat(verify(name, request, Sample.NOW.plus(tolerance).plusSeconds(1)))
        .isEqualTo(new Verdict.Refused(Reason.TIMESTAMP_TOO_OLD));
    assertThat(verify(name, request, Sample.NOW.minus(tolerance).minusSeconds(1)))
        .isEqualTo(new Verdict.Refused(Reason.TIMESTAMP_IN_FUTURE));
  }

  @ParameterizedTest
  @MethodSource("timed")
  void timestampHeader_notOfItsUnit_isMalformed(String name) {
    if (TestKeys.scheme(name).inputs().timestamp().orElseThrow().source()
        instanceof ValueSource.Headers(var names)) {
      TestRequest request = signed(name, Sample.NOW, false);
      String header = names.getFirst().lowerCase();
      for (String wrong : List.of("now", "+1764000000", "-1", "1e9", "01", "2025-11-24", "1.0")) {
        refused(name, request.with(header, wrong), Reason.TIMESTAMP_MALFORMED);
      }
      refused(name, request.without(header), Reason.TIMESTAMP_MISSING);
    }
  }

  @Test
  void P01_emptySecret_refusesToLoad() {
    for (Scheme scheme : Catalogue.bundled().schemes()) {
      assertThatThrownBy(() -> TestKeys.verifier(scheme.name(), ""))
          .as(scheme.name())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("k1");
    }
  }

  @Test
  void P01_noKey_isUnavailable() {
    for (Scheme scheme : Catalogue.bundled().schemes()) {
      if (!scheme.name().equals("plaid")) {
        assertThat(TestKeys.verifier(scheme.name()).verify(TestRequest.post(BODY), Sample.NOW))
            .as(scheme.name())
            .isEqualTo(new Verdict.Refused(Reason.KEY_UNAVAILABLE));
      }
    }
  }

  @Test
  void weak_outdatedOrUnsignedBody_isLabelled() {
    for (Scheme scheme : Catalogue.bundled().schemes()) {
      boolean outdated = scheme.signatures().stream().anyMatch(s -> s.algorithm().isOutdated());
      if (outdated || !scheme.signsBody() || scheme.tolerance().isEmpty()) {
        assertThat(scheme.weak()).as(scheme.name()).isTrue();
      }
    }
    assertThat(Catalogue.bundled().schemes()).filteredOn(Scheme::weak).hasSize(41);
  }
}
