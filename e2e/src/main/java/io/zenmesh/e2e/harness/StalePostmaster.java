package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL server that still holds a data directory and that no note under {@code run/} tells
 * of.
 *
 * <p>Only a process that is certainly it is signalled: the id in {@code postmaster.pid}, started
 * when that file says, running a program called {@code postgres} on this directory.
 */
final class StalePostmaster {
  /** The server takes its start time when it is under way, a little after its process starts. */
  private static final long LATEST_SECONDS = 10;

  private StalePostmaster() {}

  /** Ends it: fast shutdown, and SIGKILL when the grace is over. */
  static void end(Path data, Duration grace) throws IOException {
    Optional<Long> holder = holder(data);
    if (holder.isEmpty()) {
      return;
    }
    long pid = holder.get();
    Optional<String> started = RunFile.startToken(pid);
    Programs.signal("INT", pid);
    try {
      Eventually.holds(
          "postgres left over, ending", grace, () -> !RunFile.startToken(pid).equals(started));
    } catch (HarnessException stillThere) {
      var _ = ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
      Eventually.holds(
          "postgres left over, killed", grace, () -> !RunFile.startToken(pid).equals(started));
    }
  }

  private static Optional<Long> holder(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.size() < 3 || !number(lines.get(0)) || !number(lines.get(2))) {
      return Optional.empty();
    }
    long pid = Long.parseLong(lines.get(0).strip());
    long said = Long.parseLong(lines.get(2).strip());
    return ProcessHandle.of(pid)
        .map(ProcessHandle::info)
        .filter(info ->
            info.command().filter(c -> Path.of(c).endsWith("postgres")).isPresent()
                && info.startInstant()
                    .map(start -> said - start.getEpochSecond())
                    .filter(later -> later >= -1 && later <= LATEST_SECONDS)
                    .isPresent())
        .flatMap(info -> RunFile.commandLine(pid))
        .filter(c -> c.contains(data.toString()))
        .map(c -> pid);
  }

  private static boolean number(String line) {
    return line.strip().matches("[0-9]{1,10}");
  }
}
