package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * The note that a process of ours runs: enough to know it again, and never to take another for it.
 *
 * <p>A process id alone is reused by the kernel; with the start time (kernel ticks and boot id) it
 * is unique, and the marker is the second, independent witness.
 *
 * @param name the part's name in this mesh
 * @param pid the process id
 * @param started the start token of {@link #startToken(long)}
 * @param marker a text that the process's command line contains
 */
record RunFile(String name, long pid, String started, String marker) {
  private static final String SUFFIX = ".pid";

  /** Reads one note; empty when it is torn or foreign. */
  static Optional<RunFile> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.size() != 3 || !lines.get(0).matches("[0-9]{1,10}")) {
      return Optional.empty();
    }
    String fileName = String.valueOf(file.getFileName());
    String name = fileName.substring(0, fileName.length() - SUFFIX.length());
    return Optional.of(new RunFile(name, Long.parseLong(lines.get(0)), lines.get(1), lines.get(2)));
  }

  static List<Path> list(Path runDirectory) throws IOException {
    try (var files = Files.list(runDirectory)) {
      return files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  static Path path(Path runDirectory, String name) {
    return runDirectory.resolve(name + SUFFIX);
  }

  void write(Path runDirectory) throws IOException {
    Path draft = runDirectory.resolve(name + ".draft");
    Files.writeString(draft, pid + "\n" + started + "\n" + marker + "\n");
    Files.move(draft, path(runDirectory, name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether the process of this note is still there: id, start and command line all agree. */
  boolean isAlive() {
    return startToken(pid).filter(started::equals).isPresent()
        && commandLine(pid).filter(c -> c.contains(marker)).isPresent();
  }

  /**
   * When a process started, in a form that is equal only for the same process: kernel ticks since
   * boot with the boot id, else (no /proc) the wall-clock start. Empty when there is no such
   * process or it is a zombie.
   */
  static Optional<String> startToken(long pid) {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.exists(Path.of("/proc/self/stat"))) {
      return ProcessHandle.of(pid).flatMap(h -> h.info().startInstant()).map(Object::toString);
    }
    try {
      String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
      // The second field is the name in brackets and may itself hold brackets and blanks.
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
      if (fields[0].equals("Z")) {
        return Optional.empty();
      }
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      return Optional.of(boot + "/" + fields[19]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<String> commandLine(long pid) {
    Path file = Path.of("/proc", Long.toString(pid), "cmdline");
    try {
      if (Files.exists(file)) {
        return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' '));
      }
      return ProcessHandle.of(pid).flatMap(h -> h.info().commandLine());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
