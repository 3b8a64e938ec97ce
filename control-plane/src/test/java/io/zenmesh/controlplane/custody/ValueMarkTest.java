package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ValueMarkTest {
  private static SecretRef ref(String tenant, String name) {
    return new SecretRef(new Name(tenant), new Name(name));
  }

  private static byte[] mark(int key, SecretRef ref, String value) {
    byte[] keyBytes = new byte[ValueMark.BYTES];
    keyBytes[0] = (byte) key;
    try (ValueMark mark = new ValueMark(SecretBytes.takeOver(keyBytes));
        SecretBytes bytes = SecretBytes.takeOver(value.getBytes(StandardCharsets.US_ASCII))) {
      return mark.of(ref, bytes);
    }
  }

  @Test
  void mark_isTheSame_forTheSameValueOfTheSameSecretOnly() {
    byte[] mark = mark(1, ref("acme", "orders"), "value");
    assertThat(mark(1, ref("acme", "orders"), "value")).isEqualTo(mark).hasSize(ValueMark.BYTES);
    assertThat(mark(1, ref("acme", "orders"), "valuf")).isNotEqualTo(mark);
    assertThat(mark(1, ref("acme", "order"), "value")).isNotEqualTo(mark);
    assertThat(mark(1, ref("globex", "orders"), "value")).isNotEqualTo(mark);
    assertThat(mark(2, ref("acme", "orders"), "value")).isNotEqualTo(mark);
  }

  @Test
  void lettersThatMoveBetweenNameAndValue_makeAnotherMark() {
    assertThat(mark(1, ref("acme", "orders"), "1value"))
        .isNotEqualTo(mark(1, ref("acme", "orders1"), "value"));
  }
}
