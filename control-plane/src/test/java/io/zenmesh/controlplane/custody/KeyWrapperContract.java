package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every way of wrapping data keys must do; one that cannot bind associated data fails here.
 */
public abstract class KeyWrapperContract {
  private static final byte[] PLACE = "acme/orders/1".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER_PLACE = "acme/orders/2".getBytes(StandardCharsets.UTF_8);

  /** A wrapper whose current key is always the same within one test. */
  protected abstract KeyWrapper wrapper();

  /** A wrapper with another key. */
  protected abstract KeyWrapper strange();

  /** How often the same key is wrapped to see that no bytes repeat. */
  protected int wraps() {
    return 10_000;
  }

  private static SecretBytes key() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return SecretBytes.takeOver(bytes);
  }

  @Test
  void wrappedKey_opensToTheSameBytes() {
    KeyWrapper wrapper = wrapper();
    try (SecretBytes key = key();
        SecretBytes opened =
            wrapper.unwrap(wrapper.kekId(), wrapper.wrap(wrapper.kekId(), key, PLACE), PLACE)) {
      assertThat(opened.sameAs(key)).isTrue();
    }
  }

  @Test
  void K02_otherAssociatedData_doesNotOpen() {
    KeyWrapper wrapper = wrapper();
    try (SecretBytes key = key()) {
      byte[] wrapped = wrapper.wrap(wrapper.kekId(), key, PLACE);
      assertThatThrownBy(() -> wrapper.unwrap(wrapper.kekId(), wrapped, OTHER_PLACE))
          .isInstanceOf(SealBrokenException.class);
      assertThatThrownBy(() -> wrapper.unwrap(wrapper.kekId(), wrapped, new byte[0]))
          .isInstanceOf(SealBrokenException.class);
    }
  }

  @Test
  void K02_anyChangedBit_doesNotOpen() {
    KeyWrapper wrapper = wrapper();
    try (SecretBytes key = key()) {
      byte[] wrapped = wrapper.wrap(wrapper.kekId(), key, PLACE);
      for (int i = 0; i < wrapped.length; i++) {
        byte[] changed = wrapped.clone();
        changed[i] ^= 1;
        assertThatThrownBy(() -> wrapper.unwrap(wrapper.kekId(), changed, PLACE))
            .as("byte %d", i)
            .isInstanceOf(SealBrokenException.class);
      }
    }
  }

  @Test
  void K02_cutShort_doesNotOpen() {
    KeyWrapper wrapper = wrapper();
    for (int length : new int[] {0, 1, 5, 16}) {
      assertThatThrownBy(() -> wrapper.unwrap(wrapper.kekId(), new byte[length], PLACE))
          .isInstanceOf(SealBrokenException.class);
    }
  }

  @Test
  void K04_otherWrappersKey_doesNotOpen() {
    KeyWrapper wrapper = wrapper();
    KeyWrapper strange = strange();
    try (SecretBytes key = key()) {
      byte[] wrapped = wrapper.wrap(wrapper.kekId(), key, PLACE);
      assertThatThrownBy(() -> strange.unwrap(wrapper.kekId(), wrapped, PLACE))
          .isInstanceOf(SealBrokenException.class);
      assertThatThrownBy(() -> strange.unwrap(strange.kekId(), wrapped, PLACE))
          .isInstanceOf(SealBrokenException.class);
    }
  }

  @Test
  void K01_wrappingTwice_neverGivesTheSameBytes() {
    KeyWrapper wrapper = wrapper();
    Set<String> seen = new HashSet<>();
    try (SecretBytes key = key()) {
      for (int i = 0; i < wraps(); i++) {
        assertThat(seen.add(HexFormat.of().formatHex(wrapper.wrap(wrapper.kekId(), key, PLACE))))
            .isTrue();
      }
    }
  }
}
