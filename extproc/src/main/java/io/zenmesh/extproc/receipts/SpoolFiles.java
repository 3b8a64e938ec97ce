package io.zenmesh.extproc.receipts;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** What a spool's directory holds beside its receipts. */
final class SpoolFiles {
  private static final String FORMAT = "zen-receipts-v1 ";

  private SpoolFiles() {}

  /** Makes a directory for its owner alone, unless it is there. */
  static void makePrivate(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /**
   * The id of the spool in a directory: random, and new with it, so that the numbers of a spool
   * that was thrown away are not mistaken for its.
   *
   * @param empty whether it holds no receipts' file: then its numbers begin anew, and so does it
   */
  static String id(Path directory, boolean empty) throws IOException {
    Path file = directory.resolve("spool");
    if (Files.exists(file)) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      if (!text.matches(FORMAT + "[0-9a-f]{32}\n")) {
        throw new IOException(file + ": not a spool's (expected: " + FORMAT + "and its id)");
      }
      if (!empty) {
        return text.substring(FORMAT.length(), text.length() - 1);
      }
    }
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String id = HexFormat.of().formatHex(random);
    Path fresh = directory.resolve("spool.new");
    Files.writeString(
        fresh,
        FORMAT + id + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE,
        StandardOpenOption.SYNC);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    force(directory);
    return id;
  }

  /** Has the names in a directory written. */
  static void force(Path directory) throws IOException {
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }
}
