package io.zenmesh.extproc.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayKeyTest {
  private static ReplayKey key(String tenant, String endpoint, String kind, String value) {
    return ReplayKey.of(tenant, endpoint, kind, value.getBytes(UTF_8));
  }

  @Test
  void key_isTheFirst16BytesOfSha256OverLengthPrefixedParts() {
    // printf '\0\0\0\4acme\0\0\0\6orders\0\0\0\5nonce\0\0\0\3abc' | sha256sum
    assertThat(key("acme", "orders", "nonce", "abc").hex())
        .isEqualTo("65950d528860738049f116c35637f4d6");
  }

  @Test
  void R04_partsShiftedAcrossTheirBorders_giveDifferentKeys() {
    Set<ReplayKey> keys = new HashSet<>();
    List<String> parts = List.of("a", "ab", "abc", "b", "bc", "c", "");
    int made = 0;
    for (String tenant : parts) {
      for (String endpoint : parts) {
        for (String kind : parts) {
          for (String value : parts) {
            keys.add(key(tenant, endpoint, kind, value));
            made++;
          }
        }
      }
    }
    assertThat(keys).hasSize(made);
  }

  @Test
  void P05_sameValueElsewhere_isAnotherKey() {
    ReplayKey key = key("acme", "orders", "nonce", "abc");
    assertThat(key("globex", "orders", "nonce", "abc")).isNotEqualTo(key);
    assertThat(key("acme", "refunds", "nonce", "abc")).isNotEqualTo(key);
    assertThat(key("acme", "orders", "signed_id", "abc")).isNotEqualTo(key);
    assertThat(key("acme", "orders", "nonce", "abd")).isNotEqualTo(key);
  }
}
