package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyScheduleTest {
  private static SecretBytes root() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return SecretBytes.takeOver(bytes);
  }

  private static KeyLine line(String tenant, String cluster, Purpose purpose) {
    return new KeyLine(new Name(tenant), new Name(cluster), purpose);
  }

  private static String text(SecretBytes key) {
    return new String(key.copy(SecretAccess.granted()), StandardCharsets.US_ASCII);
  }

  /** RFC 5869 by hand, from HMAC alone: an independent way to the same bytes. */
  private static String expected(String tenant, String info) throws Exception {
    byte[] salt =
        MessageDigest.getInstance("SHA-256")
            .digest(("zen-mesh/" + tenant).getBytes(StandardCharsets.UTF_8));
    byte[] pseudorandom = hmac(salt, root().copy(SecretAccess.granted()));
    byte[] block = Arrays.copyOf(info.getBytes(StandardCharsets.UTF_8), info.length() + 1);
    block[info.length()] = 1;
    return "zenk1_"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(pseudorandom, block));
  }

  private static byte[] hmac(byte[] key, byte[] message) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message);
  }

  @ParameterizedTest
  @CsvSource({
    "acme,edge-eu1,INGRESS,3,zen/v1/hmac/ingress/edge-eu1/3",
    "acme,edge-eu1,EGRESS,3,zen/v1/hmac/egress/edge-eu1/3",
    "globex,edge-eu1,AGENT,1,zen/v1/hmac/agent/edge-eu1/1",
    "a,b,INGRESS,9223372036854775807,zen/v1/hmac/ingress/b/9223372036854775807"
  })
  void key_isHkdfWithTheExactStrings(
      String tenant, String cluster, Purpose purpose, long version, String info) throws Exception {
    try (SecretBytes root = root();
        SecretBytes key = KeySchedule.key(root, line(tenant, cluster, purpose), version)) {
      assertThat(text(key)).isEqualTo(expected(tenant, info));
      assertThat(text(key)).hasSize(49);
    }
  }

  @Test
  void P02_keysOfAnyTwoLinesOrVersions_differ() {
    Set<String> seen = new HashSet<>();
    int made = 0;
    for (String tenant : new String[] {"acme", "acme-1", "globex", "system"}) {
      for (String cluster : new String[] {"edge", "edge-1", "ingress", "1"}) {
        for (Purpose purpose : Purpose.values()) {
          for (long version : new long[] {1, 2, 11, 12}) {
            try (SecretBytes root = root();
                SecretBytes key = KeySchedule.key(root, line(tenant, cluster, purpose), version)) {
              seen.add(text(key));
              made++;
            }
          }
        }
      }
    }
    assertThat(seen).hasSize(made).hasSize(4 * 4 * 3 * 4);
  }

  @Test
  void rootTooShort_orVersionZero_isRefused() {
    assertThatThrownBy(() ->
            KeySchedule.key(SecretBytes.takeOver(new byte[31]), line("a", "b", Purpose.AGENT), 1))
        .hasMessage("root: 31 bytes (expected: at least 32)");
    assertThatThrownBy(() -> KeySchedule.key(root(), line("a", "b", Purpose.AGENT), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keyId_isTenantClusterVersion() {
    assertThat(line("acme", "edge-eu1", Purpose.INGRESS).keyId(3)).isEqualTo("acme.edge-eu1.3");
  }
}
