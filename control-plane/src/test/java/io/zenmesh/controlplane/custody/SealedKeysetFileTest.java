package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedKeysetFileTest extends KeyWrapperContract {
  private static final String PASSPHRASE = "correct horse battery";

  @TempDir Path folder;

  private static KeysetFile open(Path file, boolean ciphertexts, String passphrase) {
    return KeysetFile.openOrCreate(
        file,
        ciphertexts,
        SecretBytes.takeOver(passphrase.getBytes(StandardCharsets.UTF_8)),
        new SecureRandom());
  }

  @Override
  protected KeyWrapper wrapper() {
    return open(folder.resolve("keyset.sealed"), false, PASSPHRASE);
  }

  @Override
  protected KeyWrapper strange() {
    return open(folder.resolve("other.sealed"), false, PASSPHRASE);
  }

  @Test
  void file_isTheOwnersOnly_andHoldsNoKeyInTheClear() throws IOException {
    Path file = folder.resolve("keyset.sealed");
    KeysetFile keyset = open(file, false, PASSPHRASE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    assertThat(bytes).startsWith("zen-sealed-1\n").doesNotContain("primaryKeyId", "AesGcmKey");
    assertThat(open(file, true, PASSPHRASE).kekId()).isEqualTo(keyset.kekId());
  }

  @Test
  void K04_otherPassphrase_refusesAndKeepsTheFile() throws IOException {
    Path file = folder.resolve("keyset.sealed");
    open(file, false, PASSPHRASE);
    byte[] before = Files.readAllBytes(file);
    for (boolean ciphertexts : new boolean[] {true, false}) {
      assertThatThrownBy(() -> open(file, ciphertexts, "correct horse batters"))
          .isInstanceOf(CustodyException.class)
          .hasMessageContaining("does not open (expected: a keyset sealed by this passphrase)");
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void K03_cheaperGuess_orAnyOtherChangedByte_isRefused() throws IOException {
    Path file = folder.resolve("keyset.sealed");
    open(file, false, PASSPHRASE);
    byte[] good = Files.readAllBytes(file);
    // Each field of the head, then nonce, ciphertext and tag.
    for (int at : new int[] {0, 12, 15, 16, 20, 24, 28, 40, 44, 60, good.length - 1}) {
      byte[] changed = good.clone();
      changed[at] ^= 1;
      Files.write(file, changed);
      assertThatThrownBy(() -> open(file, true, PASSPHRASE))
          .as("byte %d", at)
          .isInstanceOf(CustodyException.class);
    }
    Files.write(file, Arrays.copyOf(good, 30));
    assertThatThrownBy(() -> open(file, true, PASSPHRASE)).isInstanceOf(CustodyException.class);
  }

  @Test
  void shortPassphrase_isRefused() {
    assertThatThrownBy(() -> open(folder.resolve("x"), false, "short"))
        .hasMessage("passphrase: too short (expected: at least 12 bytes)");
  }

  @Test
  void rotation_isSealedToo() {
    Path file = folder.resolve("keyset.sealed");
    KeysetFile keyset = open(file, false, PASSPHRASE);
    String old = keyset.kekId();
    String added = keyset.addCurrent();
    assertThat(open(file, true, PASSPHRASE).kekIds()).containsExactlyInAnyOrder(old, added);
    keyset.destroy(old);
    assertThat(open(file, true, PASSPHRASE).kekIds()).containsExactly(added);
  }
}
