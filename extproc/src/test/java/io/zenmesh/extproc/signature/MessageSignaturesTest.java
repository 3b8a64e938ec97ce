package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9421 with RFC 9530, and the drafts before it. */
class MessageSignaturesTest {
  private static final String SECRET = "A".repeat(44);
  private static final String COVERED = "(\"@method\" \"@authority\" \"@path\" \"content-digest\")";

  private static void refused(Verdict verdict, Reason reason) {
    assertThat(verdict).isEqualTo(new Verdict.Refused(reason));
  }

  private static TestRequest ours(String scheme) {
    TestRequest request = TestRequest.post("{\"hello\": \"world\"}");
    return request.with(
        SchemeSigner.sign(
            TestKeys.scheme(scheme),
            TestKeys.secret(SECRET),
            request.message(),
            new SchemeSigner.Delivery(Sample.NOW, "id-1")));
  }

  private static Verdict verify(String scheme, TestRequest request) {
    return TestKeys.verifier(scheme, SECRET).verify(request, Sample.NOW);
  }

  @Test
  void rfc9421_messageOfOurs_isOfTheDocumentedForm() {
    TestRequest request = ours("rfc9421");
    assertThat(request.one("Content-Digest"))
        .isEqualTo("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    assertThat(request.one("Signature-Input"))
        .isEqualTo("sig1=" + COVERED + ";created=1764000000;keyid=\"key\";alg=\"hmac-sha256\"");
    assertThat(verify("rfc9421", request)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void rfc9421_queryIsSignedToo_orRefused() {
    TestRequest unsigned = TestRequest.post("{}").withPath("/orders?id=1");
    TestRequest request =
        unsigned.with(
            SchemeSigner.sign(
                TestKeys.scheme("rfc9421"),
                TestKeys.secret(SECRET),
                unsigned.message(),
                new SchemeSigner.Delivery(Sample.NOW, "id-1")));
    assertThat(request.one("Signature-Input")).contains("\"content-digest\" \"@query\")");
    assertThat(verify("rfc9421", request)).isInstanceOf(Verdict.Verified.class);
    refused(verify("rfc9421", request.withPath("/orders?id=2")), Reason.SIGNATURE_MISMATCH);
    // What is right for the path alone says nothing of a query.
    refused(
        verify("rfc9421", ours("rfc9421").withPath(ours("rfc9421").path() + "?id=2")),
        Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({"rfc9421", "cavage"})
  void anySignedPart_changed_isMismatch(String scheme) {
    TestRequest request = ours(scheme);
    refused(verify(scheme, request.withMethod("PUT")), Reason.SIGNATURE_MISMATCH);
    refused(verify(scheme, request.withPath("/other")), Reason.SIGNATURE_MISMATCH);
    refused(verify(scheme, request.withAuthority("evil.example")), Reason.SIGNATURE_MISMATCH);
    refused(verify(scheme, request.withBody("{}")), Reason.SIGNATURE_MISMATCH);
    String digest = scheme.equals("rfc9421") ? "Content-Digest" : "Digest";
    refused(verify(scheme, request.without(digest)), Reason.SIGNATURE_MALFORMED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1764000000 | 1764000001 | SIGNATURE_MISMATCH",
        "1764000000 | 1763999000 | TIMESTAMP_TOO_OLD",
        "1764000000 | 1764001000 | TIMESTAMP_IN_FUTURE",
        "1764000000 | 01764000000 | TIMESTAMP_MALFORMED",
        "created | credted | TIMESTAMP_MISSING",
        "hmac-sha256 | ed25519 | SIGNATURE_VERSION_UNSUPPORTED",
        "hmac-sha256 | none | SIGNATURE_VERSION_UNSUPPORTED",
        "sig1= | sig2= | SIGNATURE_MALFORMED",
        "\" \"content-digest\" | \" | SIGNATURE_MALFORMED",
        "\"@method\" | \"@method\" \"@method\" | SIGNATURE_MALFORMED",
        "\"@method\" | \"@method\";req | SIGNATURE_MALFORMED",
        "\"@method\" | \"@status\" \"@method\" | SIGNATURE_MALFORMED",
        "\"@method\" | \"cookie\" \"@method\" | SIGNATURE_MALFORMED",
        "\"@path\" | \"@query\" | SIGNATURE_MALFORMED",
        ";keyid | ;created=1764000000;keyid | SIGNATURE_MALFORMED",
        ";keyid | ;expires=1763999000;keyid | TIMESTAMP_TOO_OLD",
      })
  void rfc9421_inputChanged_isRefused(String from, String to, Reason reason) {
    TestRequest request = ours("rfc9421");
    String input = request.one("Signature-Input");
    assertThat(input).contains(from);
    Verdict verdict =
        verify(
            "rfc9421",
            request.with(
                "Signature-Input",
                input.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to))));
    refused(verdict, reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha-256=:AAAA:",
        "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        "md5=:AAAA:",
        "sha-256",
      })
  void rfc9421_digestOfAnotherForm_isRefused(String digest) {
    assertThat(verify("rfc9421", ours("rfc9421").with("Content-Digest", digest)))
        .isInstanceOf(Verdict.Refused.class);
  }

  private static byte[] sign(String algorithm, PrivateKey key, String base) throws Exception {
    Signature signature = Signature.getInstance(algorithm);
    if (algorithm.equals("RSASSA-PSS")) {
      signature.setParameter(
          new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
    }
    signature.initSign(key);
    signature.update(base.getBytes(StandardCharsets.US_ASCII));
    return signature.sign();
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, Ed25519, Ed25519",
    "ecdsa-p256-sha256, EC, SHA256withECDSAinP1363Format",
    "rsa-pss-sha512, RSA, RSASSA-PSS",
  })
  void rfc9421_publicKey_decidesTheAlgorithm(String name, String family, String platform)
      throws Exception {
    KeyPair pair = TestKeys.pair(family);
    String parameters = COVERED + ";created=1764000000;keyid=\"k\"";
    String digest = BodyDigest.contentDigest(TestRequest.post("{}").body());
    String base =
        "\"@method\": POST\n\"@authority\": hooks.example.com\n\"@path\": /acme/orders\n"
            + "\"content-digest\": "
            + digest
            + "\n\"@signature-params\": "
            + parameters;
    String tag = Base64.getEncoder().encodeToString(sign(platform, pair.getPrivate(), base));
    TestRequest request =
        TestRequest.post("{}")
            .with("Content-Digest", digest)
            .with("Signature-Input", "sig1=" + parameters)
            .with("Signature", "sig1=:" + tag + ":");
    SchemeVerifier verifier = TestKeys.verifier("rfc9421", TestKeys.pem(pair.getPublic()));
    assertThat(verifier.verify(request, Sample.NOW)).isInstanceOf(Verdict.Verified.class);
    refused(
        TestKeys.verifier("rfc9421", TestKeys.pem(TestKeys.pair(family).getPublic()))
            .verify(request, Sample.NOW),
        Reason.SIGNATURE_MISMATCH);
    refused(
        verifier.verify(
            request.with("Signature-Input", "sig1=" + parameters + ";alg=\"hmac-sha256\""),
            Sample.NOW),
        Reason.SIGNATURE_VERSION_UNSUPPORTED);
    assertThat(name).isNotEmpty();
  }

  @Test
  void cavage_authorizationHeader_isReadToo() {
    TestRequest ours = ours("cavage");
    TestRequest moved =
        ours.without("Signature").with("Authorization", "Signature " + ours.one("Signature"));
    assertThat(verify("cavage", moved)).isInstanceOf(Verdict.Verified.class);
    refused(
        verify("cavage", ours.with("Authorization", "Signature " + ours.one("Signature"))),
        Reason.HEADER_DUPLICATED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hmac-sha256 | rsa-sha256 | SIGNATURE_VERSION_UNSUPPORTED",
        "host digest | host | SIGNATURE_MALFORMED",
        "(request-target)  | '' | SIGNATURE_MALFORMED",
        "created=1764000000 | created=1763990000 | TIMESTAMP_TOO_OLD",
        "created=1764000000, | '' | SIGNATURE_MALFORMED",
        "keyId | keyid | SIGNATURE_MALFORMED",
        "keyId=\"key\" | keyId=\"key\",keyId=\"key\" | HEADER_DUPLICATED",
      })
  void cavage_changed_isRefused(String from, String to, Reason reason) {
    TestRequest request = ours("cavage");
    assertThat(request.one("Signature")).contains(from);
    refused(
        verify("cavage", request.with("Signature", request.one("Signature").replace(from, to))),
        reason);
  }

  @Test
  void cavage_dateHeader_isTheTimeWhenItIsSigned() throws Exception {
    KeyPair pair = TestKeys.pair("Ed25519");
    String digest = BodyDigest.digest(TestRequest.post("{}").body());
    String date = "Mon, 24 Nov 2025 16:00:00 GMT";
    String content =
        "(request-target): post /acme/orders\nhost: hooks.example.com\ndate: "
            + date
            + "\ndigest: "
            + digest;
    String tag = Base64.getEncoder().encodeToString(sign("Ed25519", pair.getPrivate(), content));
    TestRequest request =
        TestRequest.post("{}")
            .with("Date", date)
            .with("Digest", digest)
            .with(
                "Signature",
                "keyId=\"k\",headers=\"(request-target) host date digest\",signature=\""
                    + tag
                    + "\"");
    SchemeVerifier verifier =
        SchemeVerifier.prepare(
            TestKeys.scheme("cavage"),
            new SchemeVerifier.Settings(Optional.empty(), Optional.empty()),
            List.of(TestKeys.key("k1", TestKeys.pem(pair.getPublic()))));
    Verdict verdict = verifier.verify(request, Sample.NOW);
    assertThat(verdict).isInstanceOf(Verdict.Verified.class);
    assertThat(((Verdict.Verified) verdict).timestamp()).contains(Sample.NOW);
    refused(verifier.verify(request, Sample.NOW.plusSeconds(301)), Reason.TIMESTAMP_TOO_OLD);
    refused(
        verifier.verify(request.with("Date", "yesterday"), Sample.NOW), Reason.TIMESTAMP_MALFORMED);
  }
}
