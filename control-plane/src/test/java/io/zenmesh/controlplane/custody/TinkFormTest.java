package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keyset is Tink's, and so is what is made with it: either side opens what the other made. */
class TinkFormTest {
  private static final byte[] PLACE = "acme/orders/1".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private Aead tink(Path file) throws IOException, GeneralSecurityException {
    return TinkJsonProtoKeysetFormat.parseKeyset(
            Files.readString(file), RegistryConfiguration.get(), InsecureSecretKeyAccess.get())
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  @Test
  void wrappedKey_opensWithTinkItself_andTheOtherWayRound() throws Exception {
    Path file = folder.resolve("keyset.json");
    KeysetFile keyset = KeysetFile.openOrCreate(file, false);
    byte[] clear = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    try (SecretBytes key = SecretBytes.copyOf(clear)) {
      byte[] wrapped = keyset.wrap(keyset.kekId(), key, PLACE);
      assertThat(tink(file).decrypt(wrapped, PLACE)).isEqualTo(clear);
      try (SecretBytes opened =
          keyset.unwrap(keyset.kekId(), tink(file).encrypt(clear, PLACE), PLACE)) {
        assertThat(opened.sameAs(key)).isTrue();
      }
    }
  }

  @Test
  void K03_keyOfAnotherAlgorithm_isRefused() throws Exception {
    AeadConfig.register();
    Path file = folder.resolve("weak.json");
    Files.writeString(
        file,
        TinkJsonProtoKeysetFormat.serializeKeyset(
            KeysetHandle.generateNew(
                PredefinedAeadParameters.AES128_GCM, RegistryConfiguration.get()),
            RegistryConfiguration.get(),
            InsecureSecretKeyAccess.get()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> KeysetFile.openOrCreate(file, true))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("does not open");
  }
}
