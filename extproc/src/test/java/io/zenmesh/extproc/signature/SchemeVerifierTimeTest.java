package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.secret.VerificationKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Timestamps, tolerances and the validity of keys, at their boundary instants. */
class SchemeVerifierTimeTest {
  private static String outcome(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Verified verified -> "verified:" + verified.keyId();
      case Verdict.Refused(Reason reason) -> reason.code();
    };
  }

  private static TestRequest withTimestamp(Sample sample, String text) {
    return sample.scheme().name().equals("standard-webhooks")
        ? sample.request().with("webhook-timestamp", text)
        : sample.withSignature(s -> s.replaceFirst("t=[^,]*", "t=" + text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zen", "stripe", "standard-webhooks"})
  void P06_timestamp_bothEdgesOfTheTolerance_areInside(String scheme) {
    Sample sample = Sample.of(scheme);
    for (int age : new int[] {-300, -299, 0, 299, 300}) {
      assertThat(outcome(sample.verifier().verify(sample.request(), sample.now().plusSeconds(age))))
          .isEqualTo("verified:k1");
    }
    Instant lastMoment = sample.now().plusSeconds(300).plusMillis(999);
    assertThat(outcome(sample.verifier().verify(sample.request(), lastMoment)))
        .isEqualTo("verified:k1");
    assertThat(outcome(sample.verifier().verify(sample.request(), sample.now().plusSeconds(301))))
        .isEqualTo("timestamp_too_old");
    assertThat(outcome(sample.verifier().verify(sample.request(), sample.now().minusSeconds(301))))
        .isEqualTo("timestamp_in_future");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zen", "stripe", "standard-webhooks"})
  void P06_timestamp_after2038_isVerified(String scheme) {
    Sample sample = Sample.of(scheme);
    for (long second : new long[] {0, 2_147_483_648L, 4_294_967_296L, 999_999_999_999L}) {
      Instant at = Instant.ofEpochSecond(second);
      TestRequest request = sample.signed(TestRequest.post("x"), at, sample.secret());
      assertThat(outcome(sample.verifier().verify(request, at))).isEqualTo("verified:k1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+5",
        "05",
        "00",
        "-1",
        "1e9",
        "0x10",
        "1764000000.0",
        "1764000000000000",
        "9999999999999",
        "99999999999999999999999",
        "now",
        "\u0661\u0667",
        "17640\u00b200"
      })
  void P04_timestamp_thatIsNotCanonical_isMalformed(String text) {
    for (String scheme : List.of("zen", "stripe", "standard-webhooks")) {
      Sample sample = Sample.of(scheme);
      boolean inSignature = !scheme.equals("standard-webhooks");
      boolean ascii = text.chars().allMatch(c -> c < 128);
      assertThat(outcome(sample.verify(withTimestamp(sample, text))))
          .isEqualTo(inSignature && !ascii ? "signature_malformed" : "timestamp_malformed");
    }
  }

  @Test
  void timestamp_absent_isMissing() {
    Sample standard = Sample.of("standard-webhooks");
    assertThat(outcome(standard.verify(standard.request().without("webhook-timestamp"))))
        .isEqualTo("timestamp_missing");
    assertThat(outcome(standard.verify(standard.request().with("webhook-timestamp", ""))))
        .isEqualTo("timestamp_missing");
    for (String scheme : List.of("zen", "stripe")) {
      Sample sample = Sample.of(scheme);
      assertThat(outcome(sample.verify(sample.withSignature(s -> s.replaceFirst("t=[0-9]+,", "")))))
          .isEqualTo("timestamp_missing");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zen", "stripe", "standard-webhooks"})
  void timestamp_changedInsideTheTolerance_isMismatch(String scheme) {
    Sample sample = Sample.of(scheme);
    String next = Long.toString(sample.now().getEpochSecond() + 1);
    assertThat(outcome(sample.verify(withTimestamp(sample, next)))).isEqualTo("signature_mismatch");
  }

  @Test
  void tolerance_ofTheEndpoint_replacesTheSchemes() {
    Sample sample = Sample.of("zen");
    SchemeVerifier strict = withTolerance(sample, Duration.ofSeconds(10));
    assertThat(outcome(strict.verify(sample.request(), sample.now().plusSeconds(10))))
        .isEqualTo("verified:k1");
    assertThat(outcome(strict.verify(sample.request(), sample.now().plusSeconds(11))))
        .isEqualTo("timestamp_too_old");
  }

  @Test
  void P05_replayWindow_isThatOfTheLongestToleranceWhateverTheEndpoints() {
    for (String scheme : List.of("zen", "stripe")) {
      Sample sample = Sample.of(scheme);
      Duration longest = Duration.ofSeconds(2 * 600 + 60);
      assertThat(sample.scheme().replay().window()).isEqualTo(longest);
      for (long seconds : List.of(1L, 10L, 300L, 600L)) {
        assertThat(withTolerance(sample, Duration.ofSeconds(seconds)).replay())
            .isEqualTo(sample.scheme().replay());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 601})
  void tolerance_outOfBounds_refusesToLoad(long seconds) {
    Sample sample = Sample.of("zen");
    assertThatThrownBy(() -> withTolerance(sample, Duration.ofSeconds(seconds)))
        .hasMessage("tolerance: " + Duration.ofSeconds(seconds) + " (expected: 1s to 600s)");
  }

  private static SchemeVerifier withTolerance(Sample sample, Duration tolerance) {
    return SchemeVerifier.prepare(
        sample.scheme(),
        new SchemeVerifier.Settings(Optional.of(tolerance), Optional.empty()),
        List.of(TestKeys.key("k1", sample.secret())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http", "ftp://a/", "https://", "https://user@a/", "//a/b", "https://a b/"})
  void publicUrl_thatIsNone_refusesToLoad(String url) {
    assertThatThrownBy(() ->
            SchemeVerifier.prepare(
                TestKeys.scheme("zen"),
                new SchemeVerifier.Settings(Optional.empty(), Optional.of(url)),
                List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("publicUrl: ");
  }

  @ParameterizedTest
  @CsvSource({
    "https://HOOKS.Example.com/x, hooks.example.com",
    "https://hooks.example.com:443, hooks.example.com",
    "https://hooks.example.com:80/, hooks.example.com:80",
    "http://hooks.example.com:80/, hooks.example.com",
    "http://hooks.example.com:443/, hooks.example.com:443",
    "https://[::1]:443/, [::1]",
    "https://hooks.example.com:8443/, hooks.example.com:8443",
  })
  void publicUrl_itsAuthority_isInOneForm(String url, String authority) {
    assertThat(Authority.ofPublicUrl(url)).isEqualTo(authority);
  }

  @Test
  void keys_none_areUnavailable() {
    for (String scheme : Sample.names()) {
      Sample sample = Sample.of(scheme);
      assertThat(outcome(TestKeys.verifier(scheme).verify(sample.request(), sample.now())))
          .isEqualTo("key_unavailable");
    }
  }

  @Test
  void keys_moreThanSixteen_refuseToLoad() {
    VerificationKey[] keys = new VerificationKey[17];
    Arrays.setAll(keys, i -> TestKeys.key("k" + i, "secret-" + i));
    assertThatThrownBy(() -> TestKeys.verifier("github", keys))
        .hasMessage("keys: 17 (expected: at most 16)");
  }

  @Test
  void rotation_bothSecretsInTheOverlap_verifyAndAreNamed() {
    for (String scheme : Sample.names()) {
      Sample sample = Sample.of(scheme);
      SchemeVerifier both =
          TestKeys.verifier(
              scheme,
              TestKeys.key("new", sample.other()),
              TestKeys.key("old", sample.secret(), Instant.EPOCH, sample.now()));
      assertThat(outcome(both.verify(sample.request(), sample.now()))).isEqualTo("verified:old");
      TestRequest byNew =
          sample.signed(TestRequest.post(Sample.BODY), sample.now(), sample.other());
      assertThat(outcome(both.verify(byNew, sample.now()))).isEqualTo("verified:new");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zen", "stripe", "standard-webhooks"})
  void keyValidity_whereThereIsATimestamp_isJudgedByIt(String scheme) {
    Sample sample = Sample.of(scheme);
    Instant signedAt = sample.now();
    SchemeVerifier ended =
        TestKeys.verifier(scheme, TestKeys.key("old", sample.secret(), Instant.EPOCH, signedAt));
    // In flight while the key ended: still counts; signed a second later: no more.
    assertThat(outcome(ended.verify(sample.request(), signedAt.plusSeconds(100))))
        .isEqualTo("verified:old");
    TestRequest later =
        sample.signed(TestRequest.post("x"), signedAt.plusSeconds(1), sample.secret());
    assertThat(outcome(ended.verify(later, signedAt.plusSeconds(1))))
        .isEqualTo("key_outside_validity");
    SchemeVerifier notYet =
        TestKeys.verifier(
            scheme, TestKeys.key("new", sample.secret(), signedAt.plusSeconds(1), Instant.MAX));
    assertThat(outcome(notYet.verify(sample.request(), signedAt.plusSeconds(100))))
        .isEqualTo("key_outside_validity");
    assertThat(outcome(notYet.verify(later, signedAt))).isEqualTo("verified:new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "gitlab-token"})
  void keyValidity_withoutTimestamp_isJudgedNow(String scheme) {
    Sample sample = Sample.of(scheme);
    SchemeVerifier ended =
        TestKeys.verifier(
            scheme, TestKeys.key("old", sample.secret(), Instant.EPOCH, sample.now()));
    assertThat(outcome(ended.verify(sample.request(), sample.now()))).isEqualTo("verified:old");
    assertThat(outcome(ended.verify(sample.request(), sample.now().plusMillis(1))))
        .isEqualTo("key_outside_validity");
  }

  @Test
  void keyValidity_wrongKeyOutsideItsWindow_isMismatch() {
    Sample sample = Sample.of("zen");
    SchemeVerifier ended =
        TestKeys.verifier("zen", TestKeys.key("old", sample.other(), Instant.EPOCH, Instant.EPOCH));
    assertThat(outcome(ended.verify(sample.request(), sample.now())))
        .isEqualTo("signature_mismatch");
  }
}
