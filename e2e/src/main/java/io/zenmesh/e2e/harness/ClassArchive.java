package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * An archive of the classes a process has loaded (JEP 350), written when one run ends in order and
 * mapped by the next ones, which so start in about two thirds of the time.
 *
 * <p>The JVM itself compares it with the class path and goes on without it when they differ.
 *
 * @param file the archive
 * @param jar what it must not be older than
 */
record ClassArchive(Path file, Path jar) {
  private Path draft() {
    return file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
  }

  /** Whether it is there and of this build. */
  boolean isCurrent() {
    try {
      return Files.exists(file)
          && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(jar)) >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What a JVM needs to use it; nothing when there is none. */
  List<String> flags() {
    return isCurrent()
        ? List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-Xlog:cds=off", "-Xlog:aot=off")
        : List.of();
  }

  /** What the one JVM needs that is to write it when it ends. */
  List<String> recordingFlags() {
    // Quiet: a line for each class it leaves out would hide what else the process had to say.
    return isCurrent()
        ? List.of()
        : List.of("-XX:ArchiveClassesAtExit=" + draft(), "-Xlog:cds=off", "-Xlog:aot=off");
  }

  /** Takes what a run wrote that ended in order; what a killed one wrote is never taken. */
  void take() {
    try {
      if (Files.exists(draft())) {
        Files.move(
            draft(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new HarnessException("archive: " + file + " cannot be written", e);
    }
  }
}
