package io.zenmesh.extproc.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The file of a listening Unix socket.
 *
 * <p>The server binds to a file beside it, which takes the public name only when its mode is right
 * and the server accepts: the stale socket of a killed process is replaced in one step, and no one
 * can connect in between. A socket on which a process answers, and anything that is no socket, is
 * never replaced nor removed. Thread-safe once published.
 */
final class SocketFile {
  /** The kernel's limit is 108 bytes, terminator included. */
  private static final int MAX_PATH_BYTES = 100;

  private static final String MODE = "rw-rw----";
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private final Path path;
  private final Path beside;
  private volatile Optional<Key> ours = Optional.empty();

  /** Which file it is; a number alone is used again for the next file. */
  private record Key(Object number, FileTime made) {
    static Key of(Path file) throws IOException {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return new Key(found.fileKey(), found.creationTime());
    }
  }

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
    this.beside = path.resolveSibling(path.getFileName() + ".new");
  }

  /**
   * Where to bind; nothing is there.
   *
   * @throws IOException when the path is another process's, or no socket
   */
  Path binding() throws IOException {
    requireFree(path);
    requireFree(beside);
    Files.deleteIfExists(beside);
    return beside;
  }

  /**
   * Gives the bound socket its name.
   *
   * @throws IOException when another process took the name meanwhile
   */
  void publish() throws IOException {
    Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString(MODE));
    ours = Optional.of(Key.of(beside));
    requireFree(path);
    Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Why nobody who connects to the path comes to us; empty when they do. */
  Optional<String> problem() {
    return isOurs(path)
        ? Optional.empty()
        : Optional.of("socket " + path + " is no longer this process's, restart needed");
  }

  /** Removes the file, unless it is another's. */
  void remove() throws IOException {
    for (Path file : new Path[] {path, beside}) {
      if (isOurs(file)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private boolean isOurs(Path file) {
    try {
      return ours.isPresent() && ours.get().equals(Key.of(file));
    } catch (IOException gone) {
      return false;
    }
  }

  /** Nothing is there, or a socket on which nobody answers. */
  private static void requireFree(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE) != SOCKET) {
      throw new IOException(
          "socket " + file + ": there is something else (expected: nothing, or a stale socket)");
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      // A process that is stopped accepts nothing: to wait for it might take for ever.
      channel.configureBlocking(false);
      var unused = channel.connect(UnixDomainSocketAddress.of(file));
    } catch (ConnectException nobody) {
      return;
    }
    throw new IOException(
        "socket "
            + file
            + ": another process answers there (expected: each processor its own path)");
  }
}
