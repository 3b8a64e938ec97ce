package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final Hash ROOT = Hash.of(new byte[Hash.BYTES]);

  private static CheckpointSigner signer(String name) {
    try (SecretBytes key = TestEvents.seed()) {
      return CheckpointSigner.of(name, key);
    }
  }

  private final CheckpointSigner signer = signer(TestEvents.LOG);
  private final VerifierKey key = VerifierKey.parse(signer.verifierKey());
  private final String note = signer.sign(new Checkpoint(TestEvents.LOG, 42, ROOT));

  @Test
  void signedNote_isReadAndVerified() {
    SignedCheckpoint checkpoint = SignedCheckpoint.parse(note);
    assertThat(checkpoint.origin()).isEqualTo(TestEvents.LOG);
    assertThat(checkpoint.size()).isEqualTo(42);
    assertThat(checkpoint.root()).isEqualTo(ROOT);
    assertThat(checkpoint.signedBy(List.of(key))).isTrue();
    assertThat(note)
        .startsWith(
            TestEvents.LOG + "\n42\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 ");
  }

  @Test
  void seedOfRfc8032_givesThePublicKeyOfItsVector() {
    // RFC 8032 section 7.1, test 2.
    byte[] seed =
        HexFormat.of().parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    byte[] typed =
        HexFormat.of()
            .parseHex("013d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    try (SecretBytes secret = SecretBytes.takeOver(seed)) {
      assertThat(CheckpointSigner.of("log.test", secret).verifierKey())
          .startsWith("log.test+")
          .endsWith("+" + Base64.getEncoder().encodeToString(typed));
    }
  }

  @Test
  void keyOfAnotherLength_isRefused() {
    try (SecretBytes secret = SecretBytes.takeOver(new byte[31])) {
      assertThatThrownBy(() -> CheckpointSigner.of("log.test", secret))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("checkpoint key: 31 bytes (expected: 32)");
    }
  }

  @Test
  void A11_checkpointOfAnotherKeyOrLog_isNotOurs() {
    assertThat(
            SignedCheckpoint.parse(note)
                .signedBy(List.of(VerifierKey.parse(signer(TestEvents.LOG).verifierKey()))))
        .isFalse();
    String other = signer.sign(new Checkpoint("zenmesh/audit/other", 42, ROOT));
    assertThat(SignedCheckpoint.parse(other).signedBy(List.of(key))).isFalse();
    assertThat(SignedCheckpoint.parse(note).signedBy(List.of())).isFalse();
  }

  @Test
  void A09_anyChangedCharacter_isNoticed() {
    for (int i = 0; i < note.length(); i++) {
      char other = note.charAt(i) == '1' ? '2' : '1';
      String changed = note.substring(0, i) + other + note.substring(i + 1);
      boolean good;
      try {
        good = SignedCheckpoint.parse(changed).signedBy(List.of(key));
      } catch (IllegalArgumentException e) {
        good = false;
      }
      assertThat(good).as("character " + i).isFalse();
    }
  }

  @Test
  void history_isReadWhole() {
    String second = signer.sign(new Checkpoint(TestEvents.LOG, 43, ROOT));
    assertThat(SignedCheckpoint.parseAll(note + "\n" + second))
        .extracting(SignedCheckpoint::size)
        .containsExactly(42L, 43L);
    assertThat(SignedCheckpoint.parseAll(note + second)).hasSize(2);
    assertThatThrownBy(() ->
            SignedCheckpoint.parseAll(note + "\n" + second.substring(2 + second.indexOf("43"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 a AAAA\n",
        "a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 a AAAA\n",
        "a\n1\nAAAA\n\n\u2014 a AAAA\n"
      })
  void textOfAnotherForm_isRefused(String text) {
    assertThatThrownBy(() -> SignedCheckpoint.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("malformed (expected: a C2SP signed note)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a+00000000+AAAA", "a b+00000000+AQ=="})
  void keyOfAnotherForm_isRefused(String text) {
    assertThatThrownBy(() -> VerifierKey.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key: malformed (expected: NAME+ID+KEY of a signed note)");
  }

  @Test
  void keyWhoseIdIsAnothers_isRefused() {
    String text = signer.verifierKey().replaceFirst("\\+[0-9a-f]{8}\\+", "+00000000+");
    assertThatThrownBy(() -> VerifierKey.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
