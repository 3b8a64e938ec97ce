package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Wycheproof's HMAC-SHA-256 vectors, each sent as a body with its tag: every valid one is verified,
 * every invalid one refused.
 */
class WycheproofHmacTest {
  private static final int FULL_TAG_BITS = 256;

  private static JsonNode file() throws IOException {
    try (InputStream in =
        WycheproofHmacTest.class.getResourceAsStream("/vectors/wycheproof/hmac_sha256_test.json")) {
      return new JsonMapper()
          .readTree(Objects.requireNonNull(in, "vectors/wycheproof/hmac_sha256_test.json"));
    }
  }

  private static Verdict verify(JsonNode vector, String form) {
    HexFormat hex = HexFormat.of();
    SecretBytes key = SecretBytes.takeOver(hex.parseHex(vector.get("key").stringValue()));
    TestRequest request =
        TestRequest.post(hex.parseHex(vector.get("msg").stringValue()))
            .with("X-Hub-Signature-256", form + vector.get("tag").stringValue());
    return TestKeys.verifier("github", TestKeys.key("wycheproof", key)).verify(request, Sample.NOW);
  }

  @Test
  void hmacSha256_validAndInvalid_areToldApart() throws IOException {
    JsonNode file = file();
    int verified = 0;
    Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
    Map<String, Integer> excluded = new TreeMap<>();
    for (JsonNode group : file.get("testGroups")) {
      boolean full = group.get("tagSize").intValue() == FULL_TAG_BITS;
      for (JsonNode vector : group.get("tests")) {
        boolean valid = vector.get("result").stringValue().equals("valid");
        switch (verify(vector, "sha256=")) {
          case Verdict.Verified ignored -> {
            assertThat(valid && full).as("tcId %s", vector.get("tcId")).isTrue();
            verified++;
          }
          case Verdict.Refused(Reason reason) -> {
            assertThat(valid && full).as("tcId %s", vector.get("tcId")).isFalse();
            assertThat(reason)
                .isEqualTo(full ? Reason.SIGNATURE_MISMATCH : Reason.SIGNATURE_MALFORMED);
            refused.merge(reason, 1, Integer::sum);
            if (!full) {
              excluded.merge(valid ? "valid truncated" : "invalid truncated", 1, Integer::sum);
            }
          }
        }
      }
    }
    System.out.printf(
        "wycheproof hmac_sha256: %d vectors, %d valid verified, refused %s;"
            + " tags cut to 128 bits are never accepted: %s%n",
        file.get("numberOfTests").intValue(), verified, refused, excluded);
    assertThat(verified).isEqualTo(33);
    assertThat(refused)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(Reason.SIGNATURE_MISMATCH, 54, Reason.SIGNATURE_MALFORMED, 87));
    assertThat(file.get("numberOfTests").intValue()).isEqualTo(33 + 54 + 87);
  }
}
