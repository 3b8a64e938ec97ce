package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SecretExport;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The files that a signature command names, read with a limit each. */
final class InputFiles {
  /** As large as the largest body that an endpoint may admit, and then some. */
  private static final int LONGEST_BODY = 16 * 1024 * 1024;

  private static final int LONGEST_SECRET = 64 * 1024;
  private static final int LONGEST_TEXT = 1024 * 1024;
  private static final String STANDARD_INPUT = "-";

  private InputFiles() {}

  static byte[] body(Path file) {
    return file.toString().equals(STANDARD_INPUT)
        ? limited("--body-file", file, System.in, LONGEST_BODY)
        : read("--body-file", file, LONGEST_BODY);
  }

  static byte[] backup(Path file) {
    return read("FILE", file, SecretExport.MAX_BYTES);
  }

  /** A passphrase in a file that only its owner may read; the caller's to close. */
  static SecretBytes passphrase(Path file) {
    try {
      return SecretFile.read(file, "--passphrase-file");
    } catch (CustodyException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** An age identity in a file that only its owner may read; the caller's to close. */
  static SecretBytes identity(Path file) {
    try {
      return SecretFile.read(file, "--identity-file");
    } catch (CustodyException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  static byte[] zenLock(Path file) {
    return read("FILE", file, LONGEST_TEXT);
  }

  static byte[] scheme(Path file) {
    return read("--scheme", file, LONGEST_TEXT);
  }

  static byte[] keys(Path file) {
    return read("--key-file", file, LONGEST_TEXT);
  }

  static List<String> headers(Path file) {
    return new String(read("--header-file", file, LONGEST_TEXT), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /**
   * A secret, without one newline at its end; the caller's to close.
   *
   * @param warnings where it is said that others may read the file
   */
  static SecretBytes secret(Path file, PrintWriter warnings) {
    byte[] bytes;
    if (file.toString().equals(STANDARD_INPUT)) {
      bytes = limited("--secret-file", file, System.in, LONGEST_SECRET);
    } else {
      warnIfReadable(file, warnings);
      bytes = read("--secret-file", file, LONGEST_SECRET);
    }
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\n') {
      length -= length > 1 && bytes[length - 2] == '\r' ? 2 : 1;
    }
    try {
      if (length == 0) {
        throw CliException.usage("--secret-file: " + file + " is empty");
      }
      return SecretBytes.takeOver(Arrays.copyOf(bytes, length));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** A token as it stands in its file; the HTTP client takes headers as text only. */
  static String token(Path file) {
    byte[] bytes = read("tokenFile", file, LONGEST_SECRET);
    try {
      String text = new String(bytes, StandardCharsets.US_ASCII).strip();
      if (!text.matches("zent_[A-Za-z0-9._-]{1,256}")) {
        throw CliException.usage("tokenFile: " + file + " holds no token (expected: zent_...)");
      }
      return text;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static void warnIfReadable(Path file, PrintWriter warnings) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (Files.isRegularFile(file) && mode.contains(PosixFilePermission.OTHERS_READ)) {
        warnings.println(
            "zenctl: warning: "
                + file
                + ": "
                + PosixFilePermissions.toString(mode)
                + " (expected: a secret that only its owner may read, chmod 600)");
      }
    } catch (IOException | UnsupportedOperationException unknown) {
      // Reading it says what is wrong, where anything is.
    }
  }

  private static byte[] read(String option, Path file, int limit) {
    try (InputStream in = Files.newInputStream(file)) {
      return limited(option, file, in, limit);
    } catch (NoSuchFileException e) {
      throw CliException.usage(option + ": " + file + " does not exist");
    } catch (IOException e) {
      throw CliException.usage(option + ": " + file + " cannot be read (" + reason(e) + ")");
    }
  }

  private static byte[] limited(String option, Path file, InputStream in, int limit) {
    try {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw CliException.usage(
            option + ": " + file + " is too long (expected: at most " + limit + " bytes)");
      }
      return bytes;
    } catch (IOException e) {
      throw CliException.usage(option + ": " + file + " cannot be read (" + reason(e) + ")");
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName();
  }
}
