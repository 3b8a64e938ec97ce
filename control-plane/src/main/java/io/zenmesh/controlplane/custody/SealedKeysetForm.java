package io.zenmesh.controlplane.custody;

import com.google.crypto.tink.KeysetHandle;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** A keyset sealed by a passphrase: a stolen file alone opens nothing. */
final class SealedKeysetForm implements KeysetForm {
  private static final String USE = "keyset";

  private final PassphraseSeal seal;
  private final KeysetForm inside = KeysetForm.clear();

  SealedKeysetForm(PassphraseSeal seal) {
    this.seal = seal;
  }

  @Override
  public String title() {
    return "a keyset sealed by this passphrase";
  }

  @Override
  public byte[] write(KeysetHandle keyset) throws GeneralSecurityException {
    byte[] clear = inside.write(keyset);
    try {
      return seal.seal(USE, clear);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public KeysetHandle read(byte[] file) throws GeneralSecurityException {
    byte[] clear = seal.open(USE, file);
    try {
      return inside.read(clear);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }
}
