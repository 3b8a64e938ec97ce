package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  private static final SecretRef ORDERS = new SecretRef(new Name("acme"), new Name("orders"));

  @TempDir Path folder;
  private Envelope envelope;

  @BeforeEach
  void open() {
    envelope =
        new Envelope(
            KeysetFile.openOrCreate(folder.resolve("keyset.json"), false), new SecureRandom());
  }

  private static SecretBytes secret(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 1024, 1024 * 1024})
  void K08_secretOfAnyLength_opensToTheSameBytes(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 7);
    try (SecretBytes secret = SecretBytes.copyOf(bytes);
        SecretBytes opened = envelope.open(ORDERS, 1, envelope.seal(ORDERS, 1, secret))) {
      assertThat(opened.copy(SecretAccess.granted())).isEqualTo(bytes);
    }
  }

  @Test
  void K02_ciphertextMovedToAnotherPlace_doesNotOpen() {
    SealedSecret sealed = envelope.seal(ORDERS, 2, secret("canary"));
    SecretRef[] places = {
      new SecretRef(new Name("globex"), new Name("orders")),
      new SecretRef(new Name("acme"), new Name("order")),
      new SecretRef(new Name("acm"), new Name("eorders")),
      new SecretRef(new Name("orders"), new Name("acme"))
    };
    for (SecretRef place : places) {
      assertThatThrownBy(() -> envelope.open(place, 2, sealed))
          .as(place.toString())
          .isInstanceOf(SealBrokenException.class);
    }
    assertThatThrownBy(() -> envelope.open(ORDERS, 1, sealed))
        .isInstanceOf(SealBrokenException.class);
    assertThatThrownBy(() -> envelope.open(ORDERS, 22, sealed))
        .isInstanceOf(SealBrokenException.class);
    envelope.open(ORDERS, 2, sealed).close();
  }

  @Test
  void K02_partsOfTwoSeals_doNotMix() {
    SealedSecret one = envelope.seal(ORDERS, 1, secret("one"));
    SealedSecret two = envelope.seal(ORDERS, 1, secret("two"));
    SealedSecret mixed =
        new SealedSecret(one.algorithm(), one.kekId(), two.wrappedKey(), one.ciphertext());
    assertThatThrownBy(() -> envelope.open(ORDERS, 1, mixed))
        .isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K03_otherAlgorithmName_isRefused() {
    SealedSecret sealed = envelope.seal(ORDERS, 1, secret("canary"));
    for (String algorithm : new String[] {"AES128_GCM", "aes256_gcm", "", "NONE"}) {
      SealedSecret renamed =
          new SealedSecret(algorithm, sealed.kekId(), sealed.wrappedKey(), sealed.ciphertext());
      assertThatThrownBy(() -> envelope.open(ORDERS, 1, renamed))
          .isInstanceOf(SealBrokenException.class)
          .hasMessageContaining("algorithm unknown");
    }
  }

  @Test
  void K02_otherKekId_doesNotOpen() {
    SealedSecret sealed = envelope.seal(ORDERS, 1, secret("canary"));
    SealedSecret renamed =
        new SealedSecret(sealed.algorithm(), "00000000", sealed.wrappedKey(), sealed.ciphertext());
    assertThatThrownBy(() -> envelope.open(ORDERS, 1, renamed))
        .isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K02_anyChangedByteOfCiphertext_doesNotOpen() {
    SealedSecret sealed = envelope.seal(ORDERS, 1, secret("canary"));
    for (int i = 0; i < sealed.ciphertext().length; i++) {
      byte[] changed = sealed.ciphertext();
      changed[i] ^= (byte) 0x80;
      SealedSecret broken =
          new SealedSecret(sealed.algorithm(), sealed.kekId(), sealed.wrappedKey(), changed);
      assertThatThrownBy(() -> envelope.open(ORDERS, 1, broken))
          .isInstanceOf(SealBrokenException.class);
    }
  }

  @Test
  void K02_ciphertextCutShort_doesNotOpen() {
    SealedSecret sealed = envelope.seal(ORDERS, 1, secret(""));
    for (int length = 0; length < sealed.ciphertext().length; length++) {
      SealedSecret cut =
          new SealedSecret(
              sealed.algorithm(),
              sealed.kekId(),
              sealed.wrappedKey(),
              Arrays.copyOf(sealed.ciphertext(), length));
      assertThatThrownBy(() -> envelope.open(ORDERS, 1, cut))
          .isInstanceOf(SealBrokenException.class)
          .hasMessageContaining("cut short");
    }
  }

  @Test
  void K01_sealingTwice_repeatsNeitherNonceNorKey() {
    Set<String> nonces = new HashSet<>();
    Set<String> wraps = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      SealedSecret sealed = envelope.seal(ORDERS, 1, secret("canary"));
      assertThat(nonces.add(HexFormat.of().formatHex(sealed.ciphertext(), 0, 12))).isTrue();
      assertThat(wraps.add(HexFormat.of().formatHex(sealed.wrappedKey()))).isTrue();
    }
  }

  @Test
  void associatedData_ofDifferentParts_differs() {
    assertThat(AssociatedData.ofData(new SecretRef(new Name("a"), new Name("bc")), 1, "X"))
        .isNotEqualTo(AssociatedData.ofData(new SecretRef(new Name("ab"), new Name("c")), 1, "X"));
    assertThat(AssociatedData.ofData(ORDERS, 1, "X"))
        .isNotEqualTo(AssociatedData.ofWrap(ORDERS, 1, "X", ""));
  }

  @Test
  void P12_failure_tellsNothingOfTheSecret() {
    SealedSecret sealed = envelope.seal(ORDERS, 1, secret("canary-secret"));
    assertThat(sealed.toString()).doesNotContain("canary");
    assertThatThrownBy(() -> envelope.open(ORDERS, 9, sealed))
        .hasMessage("data key: does not open under kek " + sealed.kekId());
  }

  /** Binds nothing: what such a wrapper would let through, the data's own binding must stop. */
  private static final class OpenWrapper implements KeyWrapper {
    private byte[] lastAssociatedData = new byte[0];

    @Override
    public String kekId() {
      return "open";
    }

    @Override
    public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
      lastAssociatedData = associatedData.clone();
      return dataKey.copy(SecretAccess.granted());
    }

    @Override
    public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
      return SecretBytes.copyOf(wrapped);
    }
  }

  @Test
  void K02_data_isBoundByItself() {
    Envelope open = new Envelope(new OpenWrapper(), new SecureRandom());
    SealedSecret sealed = open.seal(ORDERS, 2, secret("canary"));
    assertThatThrownBy(() -> open.open(ORDERS, 3, sealed)).isInstanceOf(SealBrokenException.class);
    for (SecretRef other :
        new SecretRef[] {
          new SecretRef(new Name("globex"), new Name("orders")),
          new SecretRef(new Name("acme"), new Name("order"))
        }) {
      assertThatThrownBy(() -> open.open(other, 2, sealed))
          .as(other.toString())
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(AssociatedData.ofData(ORDERS, 2, "AES256_GCM"))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("\0\0\0\4acme\0\0\0\6orders\0\0\0\0012\0\0\0\12AES256_GCM");
    open.open(ORDERS, 2, sealed).close();
  }

  @Test
  void K02_wrappedKey_isBoundToItsPlaceAndKek() {
    OpenWrapper wrapper = new OpenWrapper();
    new Envelope(wrapper, new SecureRandom()).seal(ORDERS, 2, secret("canary"));
    assertThat(wrapper.lastAssociatedData)
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("\0\0\0\4acme\0\0\0\6orders\0\0\0\0012\0\0\0\12AES256_GCM\0\0\0\4open");
  }
}
