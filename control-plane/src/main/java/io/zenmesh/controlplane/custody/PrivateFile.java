package io.zenmesh.controlplane.custody;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A file that only its owner may read, mode 0600. What is written is whole and on disk before the
 * name leads to it: a crash leaves the old state or the new one.
 */
final class PrivateFile {
  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private PrivateFile() {}

  /** Work under a file's lock. */
  interface Work {
    void run() throws IOException, GeneralSecurityException;
  }

  /**
   * @param title what it is called in problems
   * @throws CustodyException when others may read it
   */
  static byte[] read(Path file, String title) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    permissions.removeAll(OWNER_ONLY);
    if (!permissions.isEmpty()) {
      throw new CustodyException(
          title
              + ": "
              + file
              + " has mode "
              + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
              + " (expected: rw-------)");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new CustodyException(
          title + ": " + file + " is too large (expected: at most " + MAX_BYTES + " bytes)");
    }
    return Files.readAllBytes(file);
  }

  /** Makes it; the bytes are zeroed. Fails when it is there already. */
  static void create(Path file, byte[] bytes) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path fresh = written(absolute, bytes);
    try {
      Files.createLink(absolute, fresh); // unlike a move, fails when another start was first
    } catch (FileAlreadyExistsException | AtomicMoveNotSupportedException e) {
      throw new IOException("made by another process at the same time", e);
    } finally {
      Files.deleteIfExists(fresh);
    }
    flushFolder(absolute);
  }

  /** Puts other bytes in its place; they are zeroed. */
  static void replace(Path file, byte[] bytes) throws IOException {
    Path absolute = file.toAbsolutePath();
    Files.move(
        written(absolute, bytes),
        absolute,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    flushFolder(absolute);
  }

  /** Runs work that no other process does to the same file meanwhile. */
  static void locked(Path file, Work work) throws IOException, GeneralSecurityException {
    Path absolute = file.toAbsolutePath();
    Path lock = absolute.resolveSibling(absolute.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(
                lock,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        var held = channel.lock()) {
      if (!held.isValid()) {
        throw new IOException("not locked");
      }
      work.run();
    }
  }

  private static Path written(Path absolute, byte[] bytes) throws IOException {
    try {
      Path folder = folder(absolute);
      Files.createDirectories(folder);
      Path fresh = folder.resolve(absolute.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        Channels.newOutputStream(channel).write(bytes);
        channel.force(true);
      }
      return fresh;
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static void flushFolder(Path absolute) throws IOException {
    try (FileChannel folder = FileChannel.open(folder(absolute), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private static Path folder(Path absolute) throws IOException {
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("no folder");
    }
    return folder;
  }
}
