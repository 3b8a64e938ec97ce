package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scheme language: what it accepts, and that it says everything that is wrong at once. */
class SchemeReaderTest {
  private static final String RIGHT =
      """
      name: acme-pay
      title: Acme Pay
      docs: https://pay.example/docs
      weak: false
      signature:
        header: Acme-Signature
        form: key-values
        part: h1
        atMost: 2
        otherVersions: once
        algorithm: hmac-sha256
        encoding: hex
        key: text
      content: "{timestamp}:{id}:{body}"
      timestamp: {part: ts, unit: seconds, tolerance: 5m}
      id: {headers: [Acme-Id], grammar: "[a-z0-9]{1,20}"}
      replay: {by: signed-id, window: 24h}
      """;

  private static List<String> problems(String yaml) {
    return catchThrowableOfType(InvalidSchemeException.class, () -> Scheme.parse(yaml)).problems();
  }

  private static String withKeySet(String url) {
    return """
    name: acme-jwt
    title: Acme
    docs: https://issuer.example/docs
    weak: true
    signature:
      header: Authorization
      form: token
      prefix: "Bearer "
      algorithmName: ES256
      keyFrom: {keySet: kid, url: "%s"}
      algorithm: ecdsa-p256-sha256-raw
      encoding: base64url
      key: pem
    timestamp: {part: iat, unit: seconds, tolerance: 1h}
    replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
    """
        .formatted(url);
  }

  @Test
  void keySet_isWhereTheDocumentSays() {
    String url = "https://issuer.example/keys?tenant=acme";
    KeyPlaces places = Scheme.parse(withKeySet(url)).keyPlaces();
    assertThat(places.keySet()).contains(java.net.URI.create(url));
    assertThat(places.certificateNames()).isEmpty();
    assertThat(places.isAny()).isTrue();
    assertThat(Catalogue.bundled().find("github").orElseThrow().keyPlaces().isAny()).isFalse();
    assertThat(Catalogue.bundled().find("plaid").orElseThrow().keyPlaces().isAny()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://issuer.example/keys",
        "https://issuer.example:8443/keys",
        "https://user@issuer.example/keys",
        "https://issuer.example/keys#1",
        "https:///keys",
        "issuer.example/keys",
        "file:///etc/keys",
        "https://issuer example/keys"
      })
  void G01_keySetAtAnOddPlace_isAProblem(String url) {
    assertThat(problems(withKeySet(url))).singleElement().asString().contains("keyFrom.url");
  }

  @Test
  void document_ofAUser_isAScheme() {
    Scheme scheme = Scheme.parse(RIGHT);
    assertThat(scheme.headers()).containsExactly("acme-signature", "acme-id");
    SchemeVerifier verifier =
        SchemeVerifier.prepare(
            scheme, SchemeVerifier.Settings.DEFAULT, List.of(TestKeys.key("k1", "secret")));
    TestRequest request = TestRequest.post("{}");
    TestRequest signed =
        request.with(
            SchemeSigner.sign(
                scheme,
                TestKeys.secret("secret"),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "e1")));
    assertThat(signed.one("Acme-Signature")).startsWith("ts=1764000000,h1=");
    assertThat(verifier.verify(signed, Sample.NOW)).isInstanceOf(Verdict.Verified.class);
    assertThat(
            verifier.verify(
                signed.with("Acme-Signature", signed.one("Acme-Signature").replace("h1", "h2")),
                Sample.NOW))
        .isEqualTo(new Verdict.Refused(Reason.SIGNATURE_VERSION_UNSUPPORTED));
  }

  @Test
  void content_withTextAfterTheBody_isSignedToItsEnd() throws Exception {
    Scheme scheme =
        Scheme.parse(RIGHT.replace("{timestamp}:{id}:{body}", "<{body}>{timestamp}/{id}!"));
    TestRequest request = TestRequest.post("the body");
    String header =
        SchemeSigner.sign(
                scheme,
                TestKeys.secret("secret"),
                request.message(),
                new SchemeSigner.Delivery(Sample.NOW, "e1"))
            .get("Acme-Signature");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    byte[] signed = "<the body>1764000000/e1!".getBytes(StandardCharsets.US_ASCII);
    assertThat(header)
        .isEqualTo("ts=1764000000,h1=" + HexFormat.of().formatHex(mac.doFinal(signed)));
    byte[] body = "the body".getBytes(StandardCharsets.US_ASCII);
    assertThat(
            new SignedContent(
                    List.of(
                        new SignedContent.Piece.Text(new byte[] {'<'}),
                        new SignedContent.Piece.Body(ByteBuffer.wrap(body)),
                        new SignedContent.Piece.Text(new byte[] {'>'})))
                .digest())
        .isEqualTo(Sha256.of("<the body>".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void document_withManyProblems_namesAllWithPathAndExpectation() {
    String yaml =
        """
        name: Acme
        docs: http://pay.example
        weak: maybe
        colour: red
        signature:
          header: "Acme Signature"
          form: key-values
          part: 1v
          atMost: 0
          otherVersions: sometimes
          algorithm: md5
          encoding: hex
          key: text
          salt: yes
        content: "{timestamp}.{body}"
        timestamp: {part: t, unit: minutes, tolerance: 100h}
        replay: {by: signed-content, window: forever}
        """;
    assertThat(problems(yaml))
        .contains(
            "name: \"Acme\" (expected: [a-z0-9][a-z0-9-]{0,62})",
            "title: missing (expected: the provider's name)",
            "docs: \"http://pay.example\" (expected: an https URL)",
            "weak: \"maybe\" (expected: true | false)",
            "signature.header: \"Acme Signature\" (expected: a header's name)",
            "signature.part: \"1v\" (expected: letters and a number, such as v1)",
            "signature.atMost: 0 (expected: 1 to 64)",
            "signature.otherVersions: \"sometimes\" (expected: once | repeated)",
            "signature.algorithm: \"md5\" (expected: "
                + "ecdsa-p256-sha256 | ecdsa-p256-sha256-raw | ed25519 | hmac-sha1 | hmac-sha256"
                + " | hmac-sha384 | hmac-sha512 | rsa-pss-sha512 | rsa-sha1 | rsa-sha256 | sha256"
                + " | token-equals)",
            "timestamp.unit: \"minutes\" (expected: http-date | milliseconds | rfc3339 | seconds)",
            "timestamp.tolerance: \"100h\" (expected: 1s to 96h)",
            "replay.window: \"forever\" (expected: a duration such as 300s, 5m or 24h)")
        .anyMatch(p -> p.startsWith("colour: unknown key (expected: alternatives, bodyHash, "))
        .anyMatch(p -> p.startsWith("signature.salt: unknown key (expected: algorithm, "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "text", "a: 1\na: 2", "a: {", "---\na: 1\n---\nb: 2\n"})
  void document_thatIsNotOneMapping_isRefused(String yaml) {
    assertThatThrownBy(() -> Scheme.parse(yaml))
        .isInstanceOf(InvalidSchemeException.class)
        .hasMessageStartingWith("document: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[a-z0-9]{1,20} | [a-z0-9:]{1,20} | id.grammar: ",
        "[a-z0-9]{1,20} | [a-z0-9]{0,20} | id.grammar: ",
        "[a-z0-9]{1,20} | a+ | id.grammar: ",
        ", grammar: \"[a-z0-9]{1,20}\" | '' | id.grammar: missing",
        "{timestamp}:{id}:{body} | {timestamp}:{id} | weak: false",
        "{timestamp}:{id}:{body} | {id}:{body} | content: (expected: {timestamp}",
        "{timestamp}:{id}:{body} | {timestamp}:{nonce}:{body} | content: (expected: {nonce}",
        "{timestamp}:{id}:{body} | {timestamp}:{body} | replay.by: ",
        "{timestamp}:{id}:{body} | {timestamp}:{body}:{body} | content: ",
        "{timestamp}:{id}:{body} | {timestamp}:{colour} | content: ",
        "{timestamp}:{id}:{body} | {timestamp | content: ",
        "by: signed-id, window: 24h | by: nonce, window: 24h | replay.by: ",
        "by: signed-id, window: 24h | by: unsigned-id, window: 24h | replay.by: ",
        "by: signed-id, window: 24h | by: signed-id, window: 20m | replay.window: ",
        "by: signed-id, window: 24h | by: signed-id | replay.window: missing",
        "by: signed-id, window: 24h | by: signed-id, window: {tolerances: 1, plus: 60s} | replay.window: ",
        "encoding: hex | encoding: text | signature.encoding: ",
        "algorithm: hmac-sha256 | algorithm: token-equals | weak: false",
        "form: key-values | form: plain | signature.form: ",
        "{part: ts, | {part: h1, | signature.part: h1 ",
        "{part: ts, | {header: 'a b', | timestamp.header: ",
        "weak: false | listedHeaders: ['a b'] | listedHeaders: a b (expected: header names)",
      })
  void document_againstARule_isRefused(String right, String wrong, String problem) {
    assertThat(RIGHT).contains(right);
    assertThat(problems(RIGHT.replace(right, wrong))).anyMatch(p -> p.startsWith(problem));
  }

  @Test
  void catalogue_everyDocumentOfTheFolder_isInTheIndex() throws Exception {
    URL index = SchemeReaderTest.class.getResource("catalogue/INDEX");
    assertThat(index).isNotNull();
    try (var files = Files.list(Path.of(index.toURI()).getParent())) {
      assertThat(
              files
                  .map(f -> f.getFileName().toString())
                  .filter(name -> !name.equals("INDEX"))
                  .map(name -> name.replace(".yaml", "")))
          .containsExactlyInAnyOrderElementsOf(
              Catalogue.bundled().schemes().stream().map(Scheme::name).toList())
          .containsAll(Sample.names());
    }
  }

  @Test
  void catalogue_headers_areThoseTheSchemesRead() {
    assertThat(TestKeys.scheme("zen").headers()).containsExactly("x-zen-signature");
    assertThat(TestKeys.scheme("github").headers())
        .containsExactly("x-hub-signature-256", "x-github-delivery");
    assertThat(TestKeys.scheme("gitlab-token").headers())
        .containsExactly("x-gitlab-token", "idempotency-key", "x-gitlab-event-uuid");
    assertThat(TestKeys.scheme("stripe").headers()).containsExactly("stripe-signature");
    assertThat(TestKeys.scheme("standard-webhooks").headers())
        .containsExactly("webhook-signature", "webhook-timestamp", "webhook-id");
  }

  @ParameterizedTest
  @CsvSource({
    "ab, true",
    "a-, true",
    "_bc, true",
    "a, false",
    "abca, false",
    "ad, false",
    "aB, false"
  })
  void grammar_textInsideOrOutside_isToldApart(String text, boolean matches) {
    assertThat(TextGrammar.parse("[a-c_-]{2,3}").matches(text)).isEqualTo(matches);
  }
}
