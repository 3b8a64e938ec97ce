package io.zenmesh.extproc.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The file of a listening Unix socket.
 *
 * <p>The server binds to a file beside it, which takes the public name only when its mode is right
 * and the server accepts: a stale file of a killed process is replaced in one step, and no one can
 * connect in between.
 */
final class SocketFile {
  /** The kernel's limit is 108 bytes, terminator included. */
  private static final int MAX_PATH_BYTES = 100;

  private static final String MODE = "rw-rw----";

  private final Path path;
  private Optional<Object> ours = Optional.empty();

  /**
   * @throws IllegalArgumentException when the path is too long for a socket
   */
  SocketFile(Path path) {
    int length = path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (length > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "socket: " + path + " (expected: at most " + MAX_PATH_BYTES + " bytes)");
    }
    this.path = path;
  }

  /** Where to bind; nothing is there. */
  Path binding() throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(beside);
    return beside;
  }

  /** Gives the bound socket its name. */
  void publish() throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".new");
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString(MODE));
    ours = Optional.of(fileKey(beside));
    Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the file, unless another process has put its own there. */
  void remove() throws IOException {
    if (ours.isPresent() && Files.exists(path) && ours.get().equals(fileKey(path))) {
      Files.deleteIfExists(path);
    }
  }

  private static Object fileKey(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }
}
