package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysetFileTest extends KeyWrapperContract {
  @TempDir Path folder;

  @Override
  KeyWrapper wrapper() {
    return KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
  }

  @Override
  KeyWrapper strange() {
    return KeysetFile.openOrCreate(folder.resolve("other.json"), false);
  }

  @Test
  void firstStart_makesAKeysetForTheOwnerOnly() throws IOException {
    Path file = folder.resolve("state/keyset.json");
    KeysetFile.openOrCreate(file, false);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("state")).isDirectoryContaining("glob:**keyset.json");
    assertThat(folder.resolve("state").toFile().list()).hasSize(1);
  }

  @Test
  void secondStart_opensTheSameKeyset() {
    Path file = folder.resolve("keyset.json");
    KeysetFile first = KeysetFile.openOrCreate(file, false);
    KeysetFile second = KeysetFile.openOrCreate(file, true);
    assertThat(second.kekId()).isEqualTo(first.kekId());
    try (SecretBytes one = first.derive("content-version");
        SecretBytes two = second.derive("content-version");
        SecretBytes other = second.derive("other")) {
      assertThat(one.length()).isEqualTo(32);
      assertThat(one.sameAs(two)).isTrue();
      assertThat(one.sameAs(other)).isFalse();
    }
  }

  @Test
  void K04_missingKeysetWithCiphertexts_refusesAndMakesNone() {
    Path file = folder.resolve("lost.json");
    assertThatThrownBy(() -> KeysetFile.openOrCreate(file, true))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("is missing and the database holds sealed secrets");
    assertThat(file).doesNotExist();
  }

  @Test
  void K04_unreadableKeyset_refusesAndIsKept() throws IOException {
    Path file = folder.resolve("broken.json");
    Files.writeString(file, "{\"primaryKeyId\": 1");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> KeysetFile.openOrCreate(file, false))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("does not parse");
    assertThat(file).hasContent("{\"primaryKeyId\": 1");
  }

  @Test
  void keysetOpenToOthers_isRefused() throws IOException {
    Path file = folder.resolve("open.json");
    KeysetFile.openOrCreate(file, false);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> KeysetFile.openOrCreate(file, true))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("rw-r----- (expected: rw-------)");
  }
}
