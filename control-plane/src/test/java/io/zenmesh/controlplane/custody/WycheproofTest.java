package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The vectors of C2SP/wycheproof, asserted in both directions; what is left out is counted. */
class WycheproofTest {
  private static final String SUPPORTED = "256-bit key, 96-bit nonce";

  private static JsonNode file(String name) throws IOException {
    try (InputStream in = WycheproofTest.class.getResourceAsStream("/vectors/wycheproof/" + name)) {
      if (in == null) {
        throw new IOException(name + " is missing");
      }
      return JsonMapper.builder().build().readTree(in);
    }
  }

  private static void each(JsonNode file, BiConsumer<JsonNode, JsonNode> test) {
    for (JsonNode group : file.get("testGroups")) {
      for (JsonNode each : group.get("tests")) {
        test.accept(group, each);
      }
    }
  }

  private static byte[] hex(JsonNode test, String field) {
    return HexFormat.of().parseHex(test.get(field).asString());
  }

  private static byte[] opened(JsonNode test) throws GeneralSecurityException {
    byte[] sealed = HexFormat.of().parseHex(test.get("ct").asString() + test.get("tag").asString());
    return Gcm.decrypt(hex(test, "key"), hex(test, "iv"), hex(test, "aad"), sealed, 0);
  }

  @Test
  void K01_aesGcm_opensEveryValidCase_refusesEveryInvalidOne_andEveryOtherForm()
      throws IOException {
    int[] valid = {0};
    int[] invalid = {0};
    int[] excluded = {0};
    each(
        file("aes_gcm_test.json"),
        (group, test) -> {
          String place = "tcId " + test.get("tcId").asInt() + " " + test.get("comment").asString();
          boolean supported =
              group.get("keySize").asInt() == 256 && group.get("ivSize").asInt() == 96;
          if (!supported) {
            // Keys of 128 and 192 bits, and nonces of other lengths: no form of ours.
            excluded[0]++;
            assertThatThrownBy(() -> opened(test))
                .as(place)
                .isInstanceOf(GeneralSecurityException.class);
          } else if (test.get("result").asString().equals("valid")) {
            valid[0]++;
            try {
              assertThat(opened(test)).as(place).isEqualTo(hex(test, "msg"));
              assertThat(
                      Gcm.encrypt(
                          hex(test, "key"), hex(test, "iv"), hex(test, "aad"), hex(test, "msg")))
                  .as(place)
                  .isEqualTo(
                      HexFormat.of()
                          .parseHex(test.get("ct").asString() + test.get("tag").asString()));
            } catch (GeneralSecurityException e) {
              throw new AssertionError(place, e);
            }
          } else {
            invalid[0]++;
            assertThatThrownBy(() -> opened(test))
                .as(place)
                .isInstanceOf(GeneralSecurityException.class);
          }
        });
    assertThat(valid[0]).as(SUPPORTED + ", valid").isEqualTo(39);
    assertThat(invalid[0]).as(SUPPORTED + ", invalid").isEqualTo(27);
    assertThat(excluded[0]).as("other forms").isEqualTo(250);
  }

  @Test
  void hkdf_givesEveryValidCase_andRefusesEveryInvalidOne() throws IOException {
    int[] valid = {0};
    int[] invalid = {0};
    each(
        file("hkdf_sha256_test.json"),
        (group, test) -> {
          String place = "tcId " + test.get("tcId").asInt() + " " + test.get("comment").asString();
          if (test.get("result").asString().equals("valid")) {
            valid[0]++;
            try {
              assertThat(derived(test)).as(place).isEqualTo(hex(test, "okm"));
            } catch (GeneralSecurityException e) {
              throw new AssertionError(place, e);
            }
          } else {
            invalid[0]++;
            assertThatThrownBy(() -> derived(test)).as(place).isInstanceOf(Exception.class);
          }
        });
    assertThat(valid[0]).isEqualTo(83);
    assertThat(invalid[0]).isEqualTo(3);
  }

  private static byte[] derived(JsonNode test) throws GeneralSecurityException {
    return KeySchedule.hkdf(
        hex(test, "ikm"), hex(test, "salt"), hex(test, "info"), test.get("size").asInt());
  }
}
