package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Published and specified signatures: each has exactly the verdict it states. */
class SignatureVectorsTest {
  private static final List<JsonNode> VECTORS = load();

  private static List<JsonNode> load() {
    try (InputStream in =
        SignatureVectorsTest.class.getResourceAsStream("/vectors/signatures.json")) {
      return new JsonMapper()
          .readTree(Objects.requireNonNull(in, "vectors/signatures.json"))
          .valueStream()
          .filter(v -> !v.path("unitOnly").asBoolean(false))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<JsonNode> vectors() {
    return VECTORS.stream();
  }

  static String text(JsonNode vector, String field) {
    return Objects.requireNonNull(vector.get(field), field).stringValue();
  }

  static Instant now(JsonNode vector) {
    return Instant.ofEpochSecond(vector.path("now").asLong(1_764_000_000L));
  }

  static TestRequest request(JsonNode vector) {
    TestRequest request = TestRequest.post(text(vector, "body")).withMethod(text(vector, "method"));
    if (vector.has("url")) {
      URI url = URI.create(text(vector, "url"));
      String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
      request = request.withAuthority(url.getAuthority()).withPath(url.getPath() + query);
    }
    for (var header : vector.get("headers").properties()) {
      request = request.with(header.getKey(), header.getValue().stringValue());
    }
    return request;
  }

  static SchemeVerifier verifier(JsonNode vector) {
    return TestKeys.verifier(text(vector, "scheme"), text(vector, "key"));
  }

  @Test
  void vectors_everyOneOfTheFile_hasASchemeInTheCatalogue() {
    // The 45th is of one field only, see ContentTemplateTest.
    assertThat(VECTORS).hasSize(44);
    assertThat(VECTORS)
        .allMatch(v -> Catalogue.bundled().find(text(v, "scheme")).isPresent(), "has a scheme");
  }

  @TestFactory
  Stream<DynamicTest> vector_itsRequest_hasItsVerdict() {
    return vectors().map(v -> dynamicTest(text(v, "id"), () -> hasItsVerdict(v)));
  }

  private static void hasItsVerdict(JsonNode vector) {
    String expected = vector.path("verdict").asString("verified");
    Verdict verdict = verifier(vector).verify(request(vector), now(vector));
    String actual =
        switch (verdict) {
          case Verdict.Verified verified -> "verified";
          case Verdict.Refused(Reason reason) -> "refused:" + reason.code();
        };
    assertThat(actual).isEqualTo(expected);
  }

  @TestFactory
  Stream<DynamicTest> vector_wellFormed_signsItsSignedContent() {
    return vectors()
        .filter(v -> v.path("verdict").asString("verified").equals("verified"))
        .filter(v -> !text(v, "alg").equals("token-equals"))
        .map(v -> dynamicTest(text(v, "id"), () -> signsItsContent(v)));
  }

  private static void signsItsContent(JsonNode vector) throws Refusal {
    TestRequest request = request(vector);
    String url = vector.path("url").asString("");
    Optional<String> timestamp =
        TestKeys.scheme(text(vector, "scheme"))
            .inputs()
            .timestamp()
            .filter(rule -> rule.source() instanceof ValueSource.Headers)
            .map(rule -> ((ValueSource.Headers) rule.source()).names().getFirst().lowerCase())
            .map(request::one);
    String content =
        text(vector, "signedContent")
            .replace("{url incl. bodySHA256}; then sha256hex(body)==bodySHA256", url)
            .replace("{sortedForm k v}", FormText.sortedPairs(request.body()))
            .replace("{secret}", "")
            .replace("{method}", request.method())
            .replace("{url}", url)
            .replace("{body}", text(vector, "body"))
            .replace("{ts}", timestamp.orElse(Long.toString(now(vector).getEpochSecond())))
            .replace("{id}", id(request));
    assertThat(new String(verifier(vector).signedContent(request), StandardCharsets.UTF_8))
        .isEqualTo(content);
  }

  private static String id(TestRequest request) {
    for (String name : List.of("webhook-id", "svix-id", "twitch-eventsub-message-id")) {
      if (request.headers().containsKey(name)) {
        return request.one(name);
      }
    }
    return "delivery-1";
  }

  @TestFactory
  Stream<DynamicTest> vector_signedByUs_yieldsItsSignature() {
    return vectors()
        .filter(v -> v.path("verdict").asString("verified").equals("verified"))
        .map(v -> dynamicTest(text(v, "id"), () -> yieldsItsSignature(v)));
  }

  private static void yieldsItsSignature(JsonNode vector) {
    TestRequest request = request(vector);
    String name = text(vector, "scheme");
    Scheme scheme = TestKeys.scheme(name);
    String id = name.equals("zen") ? "0f8fad5bd9cb469fa16570867728950e" : id(request);
    Instant at =
        switch (text(vector, "id")) {
          case "zen-edge-past" -> now(vector).minusSeconds(300);
          case "twitch-derived" -> Instant.parse("2019-11-16T10:11:12.634234626Z");
          default -> now(vector);
        };
    String header =
        SchemeSigner.sign(
                scheme,
                TestKeys.secret(text(vector, "key")),
                request.message(),
                new SchemeSigner.Delivery(at, id))
            .get(scheme.signature().header().shown());
    assertThat(header).endsWith(text(vector, "expected"));
  }

  @TestFactory
  Stream<DynamicTest> zenVector_itsKey_isDerivedFromTheTenantRoot() {
    return vectors()
        .filter(v -> v.has("keyDerivation"))
        .map(v -> dynamicTest(text(v, "id"), () -> derives(v)));
  }

  private static void derives(JsonNode vector) throws GeneralSecurityException {
    JsonNode from = vector.get("keyDerivation");
    byte[] salt =
        MessageDigest.getInstance("SHA-256")
            .digest(("zen-mesh/" + text(from, "tenant")).getBytes(StandardCharsets.UTF_8));
    String info =
        "zen/v1/hmac/%s/%s/%d"
            .formatted(
                text(from, "purpose"), text(from, "cluster"), from.get("version").intValue());
    SecretKey key =
        KDF.getInstance("HKDF-SHA256")
            .deriveKey(
                "Generic",
                HKDFParameterSpec.ofExtract()
                    .addIKM(HexFormat.of().parseHex(text(from, "rootHex")))
                    .addSalt(salt)
                    .thenExpand(info.getBytes(StandardCharsets.UTF_8), 32));
    assertThat("zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(key.getEncoded()))
        .isEqualTo(text(vector, "key"));
  }

  @Test
  void zenBasic_publicUrl_replacesTheRequestsAuthority() {
    JsonNode basic =
        vectors().filter(v -> text(v, "id").equals("zen-basic")).findFirst().orElseThrow();
    TestRequest inside = request(basic).withAuthority("10.0.0.7:8443");
    SchemeVerifier verifier =
        SchemeVerifier.prepare(
            TestKeys.scheme("zen"),
            new SchemeVerifier.Settings(
                Optional.empty(), Optional.of("https://HOOKS.example.com:443/elsewhere")),
            List.of(TestKeys.key("k1", TestKeys.ZEN)));
    assertThat(verifier.verify(inside, now(basic))).isInstanceOf(Verdict.Verified.class);
    assertThat(verifier(basic).verify(inside, now(basic)))
        .isEqualTo(new Verdict.Refused(Reason.SIGNATURE_MISMATCH));
  }
}
