package io.zenmesh.e2e.harness;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the class path into the cache directory. */
final class PostgresBinaries {
  private static final String VERSION = "18.6.0";

  private PostgresBinaries() {}

  /** The folder that holds {@code postgres} and {@code initdb}. */
  static Path unpacked(Path cache) {
    String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    Path home = cache.resolve("postgres").resolve(VERSION + "-" + machine);
    Path bin = home.resolve("bin");
    if (Files.isExecutable(bin.resolve("postgres"))) {
      return bin;
    }
    try {
      Files.createDirectories(cache.resolve("postgres"));
      Path lockFile = cache.resolve("postgres").resolve("lock");
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        assert lock.isValid();
        if (!Files.isExecutable(bin.resolve("postgres"))) {
          unpack(machine, home);
        }
      }
      return bin;
    } catch (IOException e) {
      throw new HarnessException("postgres: its programs cannot be unpacked into " + home, e);
    }
  }

  private static void unpack(String machine, Path home) throws IOException {
    Path draft = Files.createTempDirectory(home.toAbsolutePath().getParent(), "unpack");
    InputStream archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary("Linux", machine);
    if (archive == null) {
      throw new HarnessException(
          "postgres: no programs for Linux "
              + machine
              + " (expected: x86_64 or aarch64; or set "
              + PostgresStore.URL
              + ")");
    }
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        write(tar, entry, draft);
      }
    }
    StateDirectory.deleteTree(home);
    Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path draft)
      throws IOException {
    Path path = draft.resolve(entry.getName()).normalize();
    if (!path.startsWith(draft)) {
      throw new IOException("entry outside of the archive: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(Optional.ofNullable(path.getParent()).orElse(draft));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      boolean runs = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }
}
