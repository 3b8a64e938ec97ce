package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A secret in a file of its own that only its owner may read. Stateless. */
public final class SecretFile {
  private SecretFile() {}

  /**
   * The bytes of a file of mode 0600, without one newline at its end; the caller's to close.
   *
   * @param title what it is called in problems
   * @throws CustodyException when it cannot be read or is open to others
   */
  public static SecretBytes read(Path file, String title) {
    byte[] bytes = new byte[0];
    try {
      bytes = PrivateFile.read(file, title);
      int length = bytes.length;
      if (length > 0 && bytes[length - 1] == '\n') {
        length--;
      }
      return SecretBytes.takeOver(Arrays.copyOf(bytes, length));
    } catch (IOException e) {
      throw new CustodyException(title + ": " + file + " cannot be read", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
