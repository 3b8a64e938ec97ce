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
  protected KeyWrapper wrapper() {
    return KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
  }

  @Override
  protected KeyWrapper strange() {
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
        .hasMessageContaining("does not open (expected: a Tink AEAD keyset in JSON)");
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

  @Test
  void addedKey_isCurrentAtOnce_andKnownToOthersWhenTheyMeetIt() {
    Path file = folder.resolve("keyset.json");
    KeysetFile one = KeysetFile.openOrCreate(file, false);
    KeysetFile other = KeysetFile.openOrCreate(file, true);
    String old = one.kekId();
    String added = one.addCurrent();
    assertThat(one.kekId()).isEqualTo(added).isNotEqualTo(old);
    assertThat(one.kekIds()).containsExactlyInAnyOrder(old, added);
    byte[] place = {1};
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      byte[] wrapped = one.wrap(added, key, place);
      other.unwrap(added, wrapped, place).close();
      byte[] underOld = one.wrap(old, key, place);
      one.unwrap(old, underOld, place).close();
      assertThatThrownBy(() -> one.unwrap(added, underOld, place))
          .isInstanceOf(SealBrokenException.class);
      one.destroy(old);
      assertThatThrownBy(() -> one.unwrap(old, underOld, place))
          .isInstanceOf(SealBrokenException.class);
    }
    assertThatThrownBy(() -> one.destroy(added)).isInstanceOf(IllegalArgumentException.class);
    assertThat(KeysetFile.openOrCreate(file, true).kekIds()).containsExactly(added);
  }

  @Test
  void K05_leftoverOfACrash_isNoKeyset() throws IOException {
    Path file = folder.resolve("keyset.json");
    String id = KeysetFile.openOrCreate(file, false).kekId();
    Files.writeString(folder.resolve("keyset.json.new"), "half");
    KeysetFile keyset = KeysetFile.openOrCreate(file, true);
    assertThat(keyset.kekId()).isEqualTo(id);
    keyset.addCurrent();
    assertThat(folder.resolve("keyset.json.new")).doesNotExist();
    assertThat(KeysetFile.openOrCreate(file, true).kekIds()).hasSize(2);
  }
}
