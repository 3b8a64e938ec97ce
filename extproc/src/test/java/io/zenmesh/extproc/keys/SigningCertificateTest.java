package io.zenmesh.extproc.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.extproc.fixture.KeyServer;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.RemoteKey;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningCertificateTest {
  private static final String PAYPAL_NAME = "messageverificationcerts.paypal.com";
  private static final KeyPlaces PAYPAL = places("paypal");
  private static final KeyPlaces SNS = places("aws-sns");
  private static final Instant NOW = Clock.systemUTC().instant();

  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static DevPki pki;

  @BeforeAll
  static void open() {
    pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
  }

  private static KeyPlaces places(String scheme) {
    return Catalogue.bundled().find(scheme).orElseThrow().keyPlaces();
  }

  private static String chain(Leaf leaf) throws IOException {
    return Files.readString(
        pki.issue(directory.resolve("leaf"), leaf).certificateChain(), StandardCharsets.US_ASCII);
  }

  private static String alone(String chain) {
    String end = "-----END CERTIFICATE-----\n";
    return chain.substring(0, chain.indexOf(end) + end.length());
  }

  private static RemoteKey check(String pem, KeyPlaces places, Instant now) throws FetchException {
    return new SigningCertificate(KeyServer.roots(pki), InstantSource.fixed(now))
        .check(pem.getBytes(StandardCharsets.US_ASCII), places);
  }

  private static void refused(String pem, KeyPlaces places, Instant now, FetchProblem problem) {
    assertThatThrownBy(() -> check(pem, places, now))
        .isInstanceOfSatisfying(
            FetchException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void certificate_ofThePinnedName_withItsChain_isTaken() throws Exception {
    String pem = chain(Leaf.server("x", PAYPAL_NAME));
    RemoteKey key = check(pem, PAYPAL, NOW);
    assertThat(key.key()).isEqualTo(KeyServer.certificate(pem).getPublicKey());
    assertThat(key.notAfter()).contains(KeyServer.certificate(pem).getNotAfter().toInstant());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "paypal.com",
        "api.paypal.com",
        "messageverificationcerts.paypal.com.attacker.tld",
        "xmessageverificationcerts.paypal.com",
        "sns.amazonaws.com"
      })
  void certificate_ofAnotherName_isRefused(String name) throws IOException {
    refused(chain(Leaf.server(PAYPAL_NAME, name)), PAYPAL, NOW, FetchProblem.UNTRUSTED);
  }

  @Test
  void certificate_withoutItsIssuers_isRefused_unlessTheSchemeSaysSo() throws Exception {
    refused(alone(chain(Leaf.server("x", PAYPAL_NAME))), PAYPAL, NOW, FetchProblem.UNTRUSTED);
    assertThat(check(alone(chain(Leaf.server("x", "sns.amazonaws.com"))), SNS, NOW)).isNotNull();
  }

  @Test
  void certificate_ofAnUnknownAuthority_isRefused() throws IOException {
    DevPki foreign = DevPki.openOrCreate(directory.resolve("f"), "zen.local", Clock.systemUTC());
    for (KeyPlaces places : new KeyPlaces[] {PAYPAL, SNS}) {
      String pem =
          Files.readString(
              foreign
                  .issue(
                      directory.resolve("g"),
                      Leaf.server("x", PAYPAL_NAME, "sns.eu-west-1.amazonaws.com"))
                  .certificateChain());
      refused(pem, places, NOW, FetchProblem.UNTRUSTED);
    }
  }

  @Test
  void certificate_outOfDate_isRefused() throws IOException {
    String pem = chain(Leaf.server("x", PAYPAL_NAME, "sns.amazonaws.com"));
    for (Duration away : new Duration[] {Duration.ofDays(-1), Duration.ofDays(91)}) {
      refused(pem, PAYPAL, NOW.plus(away), FetchProblem.UNTRUSTED);
      refused(alone(pem), SNS, NOW.plus(away), FetchProblem.UNTRUSTED);
    }
  }

  @Test
  void authoritysOwnCertificate_isRefused() throws IOException {
    String chain = chain(Leaf.server("x", "sns.amazonaws.com"));
    refused(chain.substring(alone(chain).length()), SNS, NOW, FetchProblem.UNTRUSTED);
  }

  @ParameterizedTest
  @CsvSource({
    "sns.amazonaws.com, true",
    "sns.eu-west-1.amazonaws.com, true",
    "sns-signing.af-south-1.amazonaws.com, true",
    "sns-us-gov-west-1.amazonaws.com, true",
    "sns-cn-north-1.amazonaws.com.cn, true",
    "sns.amazonaws.com.cn, false",
    "sns.evil.amazonaws.com.attacker.tld, false",
    "s3.amazonaws.com, false",
    "bucket.sns.eu-west-1.amazonaws.com, false",
  })
  void snsNames_areThoseThatAmazonSignsWith(String name, boolean taken) throws Exception {
    String pem = alone(chain(Leaf.server("x", name)));
    if (taken) {
      assertThat(check(pem, SNS, NOW)).isNotNull();
    } else {
      refused(pem, SNS, NOW, FetchProblem.UNTRUSTED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "<html>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
  void noCertificate_isMalformed(String pem) {
    refused(pem, PAYPAL, NOW, FetchProblem.MALFORMED);
  }
}
