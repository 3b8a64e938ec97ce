package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must be refused beside every right message, and for exactly which reason. */
class SchemeVerifierNegativesTest {
  private static void refused(Verdict verdict, Reason reason) {
    assertThat(verdict).isEqualTo(new Verdict.Refused(reason));
  }

  private static void verified(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Verified.class);
  }

  static Iterable<String> all() {
    return Sample.names();
  }

  @ParameterizedTest
  @MethodSource("all")
  void message_right_isVerified(String scheme) {
    Sample sample = Sample.of(scheme);
    verified(sample.verify(sample.request()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "standard-webhooks", "stripe", "zen"})
  void body_changedByOneByte_isMismatch(String scheme) {
    Sample sample = Sample.of(scheme);
    byte[] body = sample.request().content().array();
    body[body.length - 1] ^= 1;
    refused(sample.verify(sample.request().withBody(body)), Reason.SIGNATURE_MISMATCH);
    refused(sample.verify(sample.request().withBody("")), Reason.SIGNATURE_MISMATCH);
    refused(
        sample.verify(sample.request().withBody(Sample.BODY + "\n")), Reason.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "standard-webhooks", "stripe", "zen"})
  void P13_bodyReserialised_isMismatch(String scheme) {
    Sample sample = Sample.of(scheme);
    refused(
        sample.verify(sample.request().withBody("{\"event\":\"paid\",\"amount\":100}")),
        Reason.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @MethodSource("all")
  void body_emptyAndSigned_isVerified(String scheme) {
    Sample sample = Sample.of(scheme);
    verified(sample.verify(sample.signed(TestRequest.post(""), sample.now(), sample.secret())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "standard-webhooks", "stripe", "zen"})
  void E13_compressedBody_isVerifiedAsOnTheWire(String scheme) throws IOException {
    Sample sample = Sample.of(scheme);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(wire)) {
      gzip.write(Sample.BODY.getBytes(StandardCharsets.UTF_8));
    }
    TestRequest compressed = TestRequest.post(wire.toByteArray());
    TestRequest signed = sample.signed(compressed, sample.now(), sample.secret());
    verified(sample.verify(signed));
    refused(sample.verify(signed.withBody(Sample.BODY)), Reason.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @MethodSource("all")
  void P01_signatureAbsentOrEmpty_isMissing(String scheme) {
    Sample sample = Sample.of(scheme);
    refused(
        sample.verify(sample.request().without(sample.signatureHeader())),
        Reason.SIGNATURE_MISSING);
    refused(sample.verify(sample.withSignature(s -> "")), Reason.SIGNATURE_MISSING);
    assertThat(Reason.SIGNATURE_MISSING.status()).isEqualTo(401);
  }

  @ParameterizedTest
  @MethodSource("all")
  void E01_duplicatedHeader_isRefused(String scheme) {
    Sample sample = Sample.of(scheme);
    for (String header : sample.request().headers().keySet()) {
      refused(sample.verify(sample.request().twice(header)), Reason.HEADER_DUPLICATED);
    }
    refused(
        sample.verify(sample.request().with(sample.signatureHeader(), sample.signature(), "")),
        Reason.HEADER_DUPLICATED);
  }

  @ParameterizedTest
  @MethodSource("all")
  void E01_commaJoinedHeader_isRefused(String scheme) {
    Sample sample = Sample.of(scheme);
    for (String header : sample.request().headers().keySet()) {
      String value = sample.request().one(header);
      Reason expected =
          header.equals("webhook-signature")
              ? Reason.SIGNATURE_MALFORMED // a list: the comma lands inside a signature
              : Reason.HEADER_DUPLICATED;
      refused(sample.verify(sample.request().with(header, value + "," + value)), expected);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void E01_blanksAroundAHeader_areNeverVerified(String scheme) {
    Sample sample = Sample.of(scheme);
    for (String header : sample.request().headers().keySet()) {
      String value = sample.request().one(header);
      for (String changed : new String[] {" " + value, value + " ", "\t" + value, value + "\t"}) {
        Verdict verdict = sample.verify(sample.request().with(header, changed));
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        assertThat(((Verdict.Refused) verdict).reason().status()).isEqualTo(400);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "standard-webhooks", "stripe", "zen"})
  void P01_signatureCut_isMalformed(String scheme) {
    Sample sample = Sample.of(scheme);
    String signature = sample.signature();
    int tag = scheme.equals("standard-webhooks") ? 44 : 64;
    for (int cut = 1; cut <= tag; cut++) {
      int length = signature.length() - cut;
      refused(
          sample.verify(sample.withSignature(s -> s.substring(0, length))),
          Reason.SIGNATURE_MALFORMED);
    }
    refused(sample.verify(sample.withSignature(s -> s + "0")), Reason.SIGNATURE_MALFORMED);
    refused(sample.verify(sample.withSignature(s -> s + "00")), Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "stripe", "zen"})
  void hex_upperCase_isMalformed(String scheme) {
    Sample sample = Sample.of(scheme);
    int from = sample.signature().length() - 64;
    refused(
        sample.verify(
            sample.withSignature(
                s -> s.substring(0, from) + s.substring(from).toUpperCase(Locale.ROOT))),
        Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "stripe", "zen"})
  void hex_otherCharacters_areMalformed(String scheme) {
    Sample sample = Sample.of(scheme);
    for (String other : new String[] {"g", "`", "/", ":", "@", "x", "-"}) {
      refused(
          sample.verify(sample.withSignature(s -> s.substring(0, s.length() - 1) + other)),
          Reason.SIGNATURE_MALFORMED);
    }
  }

  @Test
  void base64_otherSpellings_areMalformed() {
    Sample sample = Sample.of("standard-webhooks");
    // Found by search: a delivery whose signature has + or /, so that the other alphabet differs.
    TestRequest request = sample.request();
    for (int i = 0; !request.one("webhook-signature").matches(".*[+/].*"); i++) {
      request = sample.signed(TestRequest.post("body " + i), sample.now(), sample.secret());
    }
    verified(sample.verify(request));
    String right = request.one("webhook-signature");
    TestRequest base = request;
    Function<String, Verdict> with = s -> sample.verify(base.with("webhook-signature", s));
    refused(with.apply(right.replace('+', '-').replace('/', '_')), Reason.SIGNATURE_MALFORMED);
    refused(with.apply(right.substring(0, right.length() - 1)), Reason.SIGNATURE_MALFORMED);
    refused(with.apply(right + "="), Reason.SIGNATURE_MALFORMED);
    refused(with.apply(right + "===="), Reason.SIGNATURE_MALFORMED);
    // The last symbol carries four bits; its other two must be zero.
    char last = right.charAt(right.length() - 2);
    String symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    String sameBytes =
        right.substring(0, right.length() - 2) + symbols.charAt(symbols.indexOf(last) + 1) + "=";
    refused(with.apply(sameBytes), Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @MethodSource("all")
  void E08_nonAsciiSignature_isMalformedNotMissing(String scheme) {
    Sample sample = Sample.of(scheme);
    refused(sample.verify(sample.withSignature(s -> "\u00e9")), Reason.SIGNATURE_MALFORMED);
    refused(sample.verify(sample.withSignature(s -> s + "\u0000")), Reason.SIGNATURE_MALFORMED);
    refused(sample.verify(sample.withSignature(s -> "\u00ff" + s)), Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    "github, sha1=, sha256=",
    "github, md5=, sha256=",
    "github, sha512=, sha256=",
    "stripe, v0=, v1=",
    "stripe, v2=, v1=",
    "zen, v0=, v1=",
    "zen, v2=, v1=",
    "standard-webhooks, 'v1a,', 'v1,'",
    "standard-webhooks, 'v0,', 'v1,'",
    "standard-webhooks, 'v2,', 'v1,'",
  })
  void P02_onlyOtherVersions_areUnsupported(String scheme, String other, String right) {
    Sample sample = Sample.of(scheme);
    refused(
        sample.verify(sample.withSignature(s -> s.replace(right, other))),
        Reason.SIGNATURE_VERSION_UNSUPPORTED);
  }

  @ParameterizedTest
  @CsvSource({
    "stripe, 'v0=00,', t=",
    "stripe, 'v0=00,v0=11,', t=",
    "zen, 'v2=0,v3=1,', t=",
    "standard-webhooks, 'v1a,AAAA ', 'v1,'",
  })
  void otherVersion_besideTheKnownOne_isIgnored(String scheme, String added, String before) {
    Sample sample = Sample.of(scheme);
    verified(sample.verify(sample.withSignature(s -> s.replace(before, added + before))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard-webhooks", "stripe", "zen"})
  void signature_rightAsSecondOfSeveral_isVerified(String scheme) {
    Sample sample = Sample.of(scheme);
    TestRequest wrong = sample.signed(TestRequest.post(Sample.BODY), sample.now(), sample.other());
    String wrongTag = lastEntry(wrong.one(sample.signatureHeader()), scheme);
    String separator = scheme.equals("standard-webhooks") ? " " : ",";
    String rightTag = lastEntry(sample.signature(), scheme);
    String head = sample.signature().substring(0, sample.signature().length() - rightTag.length());
    verified(sample.verify(sample.withSignature(s -> head + wrongTag + separator + rightTag)));
    verified(sample.verify(sample.withSignature(s -> head + rightTag + separator + wrongTag)));
    refused(
        sample.verify(sample.withSignature(s -> head + wrongTag + separator + wrongTag)),
        Reason.SIGNATURE_MISMATCH);
  }

  private static String lastEntry(String header, String scheme) {
    return scheme.equals("standard-webhooks")
        ? header.substring(header.lastIndexOf("v1,"))
        : header.substring(header.lastIndexOf("v1="));
  }

  @ParameterizedTest
  @CsvSource({"zen, 4", "stripe, 16", "standard-webhooks, 16"})
  void signatures_moreThanTheScheme_areMalformed(String scheme, int most) {
    Sample sample = Sample.of(scheme);
    String entry = lastEntry(sample.signature(), scheme);
    String separator = scheme.equals("standard-webhooks") ? " " : ",";
    verified(sample.verify(sample.withSignature(s -> s + (separator + entry).repeat(most - 1))));
    refused(
        sample.verify(sample.withSignature(s -> s + (separator + entry).repeat(most))),
        Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @MethodSource("all")
  void P02_anotherSecret_isMismatch(String scheme) {
    Sample sample = Sample.of(scheme);
    refused(
        TestKeys.verifier(scheme, sample.other()).verify(sample.request(), sample.now()),
        Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void P02_headersOfOneProvider_doNotVerifyForAnother() {
    for (String sender : Sample.names()) {
      for (String receiver : Sample.names()) {
        if (!sender.equals(receiver)) {
          Verdict verdict = Sample.of(receiver).verify(Sample.of(sender).request());
          refused(verdict, Reason.SIGNATURE_MISSING);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void P01_emptySecret_refusesToLoad(String scheme) {
    assertThatThrownBy(() -> TestKeys.verifier(scheme, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("k1");
  }

  @ParameterizedTest
  @CsvSource({
    "standard-webhooks, whsec_",
    "standard-webhooks, whsec_not base64",
    "standard-webhooks, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
    "zen, zenk1_",
    "zen, Hlkf4MPB3OM63Y5Y20BcIU2lLA-ti5CMZikUS3Dt3R8",
    "zen, zenk1_Hlkf4MPB3OM63Y5Y20BcIU2lLA-ti5CMZikUS3Dt3R8=",
    "zen, zenk1_Hlkf4MPB3OM63Y5Y20BcIU2lLA-ti5CMZikUS3Dt3R9",
    "zen, zenk1_Hlkf4MPB3OM63Y5Y20BcIU2lLA",
    "gitlab-token, 'two words'",
    "gitlab-token, 'a,b'",
    "gitlab-token, gr\u00fcn",
  })
  void P12_undecodableSecret_refusesToLoadWithoutNamingIt(String scheme, String secret) {
    assertThatThrownBy(() -> TestKeys.verifier(scheme, secret))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("key k1: ")
        .satisfies(thrown -> {
          for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (secret.length() > 8) {
              assertThat(t.toString()).doesNotContain(secret);
            }
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "'t=1764000000,n=NONCE'",
    "'t=1764000000'",
    "'=,='",
    "'t'",
    "','",
    "'t=1764000000,n=NONCE,v1=TAG,'",
    "',t=1764000000,n=NONCE,v1=TAG'",
    "'t=1764000000,,n=NONCE,v1=TAG'",
    "'t=1764000000, n=NONCE,v1=TAG'",
    "'t=1764000000,n=NONCE,v1=TAG,x=1'",
    "'t=1764000000,n=NONCE,v1=TAG,v=1'",
    "'t=1764000000,n=NONCE,v1=TAG,v01=1'",
    "'t=1764000000,n=NONCE,v1=TAG,V1=TAG'",
    "'t=1764000000,n=NONCE,v1=TAG,v1a=1'",
    "'T=1764000000,n=NONCE,v1=TAG'",
    "'t=1764000000,v1=TAG'",
    "'t=1764000000,n=short,v1=TAG'",
    "'t=1764000000,n=0f8fad5bd9cb469f.16570867728950e,v1=TAG'",
    "'t=1764000000,n=NONCE,k=,v1=TAG'",
    "'t=1764000000,n=NONCE,k=a/b,v1=TAG'",
    "'t=1764000000,n=NONCE,v1='",
    "'t=1764000000,n=NONCE,v1=TAG,v1=0'",
    "'t=1764000000,n=NONCE,v1=TAG;'",
  })
  void zenHeader_outsideItsGrammar_isMalformed(String header) {
    Sample sample = Sample.of("zen");
    String tag = sample.signature().substring(sample.signature().length() - 64);
    refused(
        sample.verify(
            sample.withSignature(s -> header.replace("NONCE", Sample.NONCE).replace("TAG", tag))),
        Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"t=1764000000,", "n=0f8fad5bd9cb469fa16570867728950e,", "v2=0,v2=0,"})
  void zenHeader_partTwice_isDuplicated(String part) {
    Sample sample = Sample.of("zen");
    refused(sample.verify(sample.withSignature(s -> part + s)), Reason.HEADER_DUPLICATED);
  }

  @Test
  void zenHeader_itsLength_isBoundedAt1024() {
    Sample sample = Sample.of("zen");
    int room = 1024 - sample.signature().length() - ",v2=".length();
    verified(sample.verify(sample.withSignature(s -> s + ",v2=" + "0".repeat(room))));
    refused(
        sample.verify(sample.withSignature(s -> s + ",v2=" + "0".repeat(room + 1))),
        Reason.SIGNATURE_MALFORMED);
  }

  @Test
  void zen_anyOrderOfParts_isVerified() {
    Sample sample = Sample.of("zen");
    verified(
        sample.verify(
            sample.withSignature(s -> {
              String[] parts = s.split(",");
              return parts[2] + "," + parts[1] + "," + parts[0] + ",k=acme.edge-eu1.3";
            })));
  }

  @Test
  void zen_methodAuthorityOrPathChanged_isMismatch() {
    Sample sample = Sample.of("zen");
    TestRequest request = sample.request();
    refused(sample.verify(request.withMethod("PUT")), Reason.SIGNATURE_MISMATCH);
    refused(sample.verify(request.withMethod("post")), Reason.SIGNATURE_MISMATCH);
    refused(sample.verify(request.withAuthority("evil.example")), Reason.SIGNATURE_MISMATCH);
    refused(
        sample.verify(request.withAuthority("hooks.example.com:80")), Reason.SIGNATURE_MISMATCH);
    refused(sample.verify(request.withPath("/acme/orders?x=1")), Reason.SIGNATURE_MISMATCH);
    refused(sample.verify(request.withPath("/acme/Orders")), Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void zen_authority_isSignedInOneForm() {
    Sample sample = Sample.of("zen");
    verified(sample.verify(sample.request().withAuthority("HOOKS.Example.com")));
    verified(sample.verify(sample.request().withAuthority("hooks.example.com:443")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a\n/b", "/a b", "/\u00e9", "/\u0000"})
  void zen_pathThatIsNotVisibleAscii_isMalformed(String path) {
    Sample sample = Sample.of("zen");
    refused(sample.verify(sample.request().withPath(path)), Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "id with blank", "x/y", "\u00e9"})
  void P04_standardWebhooksIdOutsideItsGrammar_isMalformed(String id) {
    Sample sample = Sample.of("standard-webhooks");
    refused(sample.verify(sample.request().with("webhook-id", id)), Reason.SIGNATURE_MALFORMED);
    refused(sample.verify(sample.request().without("webhook-id")), Reason.SIGNATURE_MISSING);
    refused(sample.verify(sample.request().with("webhook-id", "msg_2")), Reason.SIGNATURE_MISMATCH);
  }
}
