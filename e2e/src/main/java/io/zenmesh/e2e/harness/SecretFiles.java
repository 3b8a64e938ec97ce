package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Random secrets, each generated once into a file of mode 0600 and never replaced. */
public final class SecretFiles {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEY_BYTES = 32;

  private SecretFiles() {}

  /** A provider's secret in the form that its scheme expects. */
  public static void provider(Path file, DemoEndpoint.SecretKind kind) throws IOException {
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    byte[] text =
        switch (kind) {
          case ZEN -> prefixed("zenk1_", Base64.getUrlEncoder().withoutPadding().encode(random));
          case STANDARD -> prefixed("whsec_", Base64.getEncoder().encode(random));
          case STRIPE -> prefixed("whsec_", hex(Arrays.copyOf(random, 16)));
          case TEXT -> hex(Arrays.copyOf(random, 20));
        };
    Arrays.fill(random, (byte) 0);
    once(file, text);
  }

  /** A password of 256 bits, as hexadecimal digits. */
  static void password(Path file) throws IOException {
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    once(file, hex(random));
  }

  private static byte[] hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] prefixed(String prefix, byte[] rest) {
    byte[] all =
        Arrays.copyOf(prefix.getBytes(StandardCharsets.US_ASCII), prefix.length() + rest.length);
    System.arraycopy(rest, 0, all, prefix.length(), rest.length);
    return all;
  }

  private static void once(Path file, byte[] text) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(draft, text, StandardOpenOption.WRITE);
    Files.move(draft, file);
    Arrays.fill(text, (byte) 0);
  }
}
