package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Which installation this is: one database and the platform's root secret in it. A database made
 * anew is another installation. No secret.
 *
 * @param id 32 hexadecimal digits
 */
public record Installation(String id) {
  private static final int ID_BYTES = 16;

  public Installation {
    if (!id.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException("installation: malformed (expected: 32 hex digits)");
    }
  }

  /** Of the platform whose root is among these; the same at each start. */
  public static Installation of(TenantRoots roots) {
    byte[] bytes = new byte[0];
    try (SecretBytes key = roots.internalKey(Name.SYSTEM, "installation")) {
      bytes = key.copy(SecretAccess.granted());
      return new Installation(HexFormat.of().formatHex(bytes, 0, ID_BYTES));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
