package io.zenmesh.controlplane.custody;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** How a keyset lies in its file. */
interface KeysetForm {
  /** What a file of this form is called in problems. */
  String title();

  /** The file's bytes; the caller's to zero. */
  byte[] write(KeysetHandle keyset) throws GeneralSecurityException;

  /** The keyset in a file's bytes. */
  KeysetHandle read(byte[] file) throws GeneralSecurityException;

  /** In the clear: whoever reads the file has the keys. */
  static KeysetForm clear() {
    return new KeysetForm() {
      @Override
      public String title() {
        return "a Tink AEAD keyset in JSON";
      }

      @Override
      public byte[] write(KeysetHandle keyset) throws GeneralSecurityException {
        return TinkJsonProtoKeysetFormat.serializeKeyset(
                keyset, RegistryConfiguration.get(), InsecureSecretKeyAccess.get())
            .getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public KeysetHandle read(byte[] file) throws GeneralSecurityException {
        return TinkJsonProtoKeysetFormat.parseKeyset(
            new String(file, StandardCharsets.UTF_8),
            RegistryConfiguration.get(),
            InsecureSecretKeyAccess.get());
      }
    };
  }
}
