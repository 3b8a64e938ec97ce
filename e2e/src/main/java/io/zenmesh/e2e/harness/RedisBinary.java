package io.zenmesh.e2e.harness;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import redis.embedded.core.ExecutableProvider;

/** The Redis server program, unpacked once from the class path into the cache directory. */
final class RedisBinary {
  private static final String VERSION = "1.4.4";

  private RedisBinary() {}

  static Path unpacked(Path cache) {
    Path program = cache.resolve("redis").resolve(VERSION).resolve("redis-server");
    if (Files.isExecutable(program)) {
      return program;
    }
    try {
      Files.createDirectories(program.toAbsolutePath().getParent());
      Path draft = Files.createTempDirectory(program.toAbsolutePath().getParent(), "unpack");
      File folder = draft.toFile();
      Path file = ExecutableProvider.newJarResourceProvider(folder).get().toPath();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(file, program, StandardCopyOption.ATOMIC_MOVE);
      StateDirectory.deleteTree(draft);
      return program;
    } catch (IOException e) {
      throw new HarnessException("redis: its program cannot be unpacked into " + program, e);
    }
  }
}
