package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Wycheproof's Ed25519, ECDSA P-256 and JWS vectors: every valid one of a form we support is
 * verified, every invalid one refused, and what is left out is named and counted.
 */
class WycheproofPublicKeysTest {
  private static final String BODY_SIGNED =
      """
      name: wycheproof
      title: Wycheproof
      docs: https://github.com/C2SP/wycheproof
      weak: true
      signature: {header: X-Sig, form: plain, maxLength: 8192, algorithm: %s, encoding: hex, key: pem}
      content: "{body}"
      replay: {by: none}
      """;

  private static final String TOKEN =
      """
      name: wycheproof
      title: Wycheproof
      docs: https://github.com/C2SP/wycheproof
      weak: true
      signature: {header: X-Sig, form: token, maxLength: 8192, algorithmName: %s, algorithm: %s, encoding: base64url, key: %s}
      replay: {by: signed-content, window: 1h}
      """;

  private static JsonNode file(String name) throws IOException {
    String path = "/vectors/wycheproof/" + name + ".json";
    try (InputStream in = WycheproofPublicKeysTest.class.getResourceAsStream(path)) {
      return new JsonMapper().readTree(Objects.requireNonNull(in, path));
    }
  }

  private static SchemeVerifier verifier(String scheme, String key) {
    return SchemeVerifier.prepare(
        Scheme.parse(scheme), SchemeVerifier.Settings.DEFAULT, List.of(TestKeys.key("k", key)));
  }

  /** Counts outcomes; a valid vector that is refused, or the reverse, fails. */
  private static final class Tally {
    private final Map<String, Integer> counts = new TreeMap<>();

    void add(JsonNode vector, Verdict verdict) {
      boolean valid = vector.get("result").stringValue().equals("valid");
      assertThat(verdict instanceof Verdict.Verified)
          .as("tcId %s %s: %s", vector.get("tcId"), vector.get("comment"), verdict)
          .isEqualTo(valid);
      switch (verdict) {
        case Verdict.Verified ignored -> counts.merge("verified", 1, Integer::sum);
        case Verdict.Refused(Reason reason) -> counts.merge(reason.code(), 1, Integer::sum);
      }
    }

    void exclude(JsonNode group, String why) {
      counts.merge("excluded: " + why, group.get("tests").size(), Integer::sum);
    }
  }

  private static Map<String, Integer> bodySigned(String name, String algorithm) throws IOException {
    HexFormat hex = HexFormat.of();
    Tally tally = new Tally();
    for (JsonNode group : file(name).get("testGroups")) {
      SchemeVerifier verifier =
          verifier(
              BODY_SIGNED.formatted(algorithm), group.get("publicKeyPem").stringValue().strip());
      for (JsonNode vector : group.get("tests")) {
        TestRequest request =
            TestRequest.post(hex.parseHex(vector.get("msg").stringValue()))
                .with("X-Sig", vector.get("sig").stringValue());
        tally.add(vector, verifier.verify(request, Sample.NOW));
      }
    }
    System.out.printf("wycheproof %s: %s%n", name, tally.counts);
    return tally.counts;
  }

  @Test
  void ed25519_validAndInvalid_areToldApart() throws IOException {
    assertThat(bodySigned("ed25519_test", "ed25519"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "verified", 88,
                "signature_malformed", 11,
                "signature_mismatch", 51,
                "signature_missing", 1));
  }

  @Test
  void ecdsaP256_validAndInvalid_areToldApart() throws IOException {
    assertThat(bodySigned("ecdsa_secp256r1_sha256_test", "ecdsa-p256-sha256"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "verified", 174,
                "signature_malformed", 228,
                "signature_mismatch", 81,
                "signature_missing", 1));
  }

  @Test
  void jws_validAndInvalid_areToldApart() throws Exception {
    Tally tally = new Tally();
    for (JsonNode group : file("json_web_signature_test").get("testGroups")) {
      JsonNode jwk = group.has("public") ? group.get("public") : group.get("private");
      String alg = jwk.path("alg").asString("");
      switch (alg) {
        case "HS256" -> {
          byte[] key = Base64.getUrlDecoder().decode(jwk.get("k").stringValue());
          String text = Base64.getEncoder().encodeToString(key);
          tokens(group, TOKEN.formatted("HS256", "hmac-sha256", "base64"), text, tally);
        }
        case "ES256" -> {
          String pem = TestKeys.pem(TestKeys.ecKey(jwk));
          tokens(group, TOKEN.formatted("ES256", "ecdsa-p256-sha256-raw", "pem"), pem, tally);
        }
        case "RS256" -> {
          String pem = TestKeys.pem(TestKeys.rsaKey(jwk));
          tokens(group, TOKEN.formatted("RS256", "rsa-sha256", "pem"), pem, tally);
        }
        case "" -> tally.exclude(group, "JWK not for signatures (we read no JWK)");
        default -> tally.exclude(group, alg);
      }
    }
    System.out.printf("wycheproof json_web_signature: %s%n", tally.counts);
    assertThat(tally.counts)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("verified", 18),
                Map.entry("header_duplicated", 1),
                Map.entry("signature_malformed", 43),
                Map.entry("signature_mismatch", 241),
                Map.entry("signature_missing", 3),
                Map.entry("signature_version_unsupported", 2),
                Map.entry("excluded: ES521", 2),
                Map.entry("excluded: PS256", 50),
                Map.entry("excluded: PS384", 5),
                Map.entry("excluded: PS512", 20),
                Map.entry("excluded: RS384", 4),
                Map.entry("excluded: RS512", 4),
                Map.entry("excluded: JWK not for signatures (we read no JWK)", 4),
                Map.entry("excluded: labelled invalid, the same bytes as 357", 2),
                Map.entry("excluded: labelled valid, '?' is not base64url", 2)));
    assertThat(tally.counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(401);
  }

  private static void tokens(JsonNode group, String scheme, String key, Tally tally) {
    SchemeVerifier verifier = verifier(scheme, key);
    for (JsonNode vector : group.get("tests")) {
      TestRequest request = TestRequest.post("").with("X-Sig", vector.get("jws").stringValue());
      Verdict verdict = verifier.verify(request, Sample.NOW);
      switch (vector.get("tcId").intValue()) {
        case 367, 370 -> {
          assertThat(verdict).isInstanceOf(Verdict.Verified.class);
          tally.counts.merge("excluded: labelled invalid, the same bytes as 357", 1, Integer::sum);
        }
        case 372, 373 -> {
          assertThat(verdict).isEqualTo(new Verdict.Refused(Reason.SIGNATURE_MALFORMED));
          tally.counts.merge("excluded: labelled valid, '?' is not base64url", 1, Integer::sum);
        }
        default -> tally.add(vector, verdict);
      }
    }
  }
}
