package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Programs of the host: finding them, and running short ones to their end. */
final class Programs {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private Programs() {}

  /** What a short program did. */
  record Outcome(int status, String output) {}

  static Optional<Path> find(String program) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    for (String entry : path.split(":")) {
      Path candidate = Path.of(entry.isEmpty() ? "." : entry, program);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /**
   * The command, led by setsid where the host has it: a terminal's Ctrl-C goes to the whole group,
   * and the parts must end in our order, not all at once.
   */
  static List<String> inOwnSession(List<String> command) {
    return find("setsid")
        .map(setsid -> {
          List<String> all = new ArrayList<>();
          all.add(setsid.toString());
          all.addAll(command);
          return List.copyOf(all);
        })
        .orElse(command);
  }

  static void signal(String signal, long pid) {
    Outcome outcome = run(List.of("kill", "-" + signal, Long.toString(pid)));
    if (outcome.status() != 0) {
      throw new HarnessException("kill -" + signal + " " + pid + ": " + outcome.output());
    }
  }

  /** Runs a program that ends by itself within a minute; output and errors come back together. */
  static Outcome run(List<String> command) {
    @Nullable Path output = null;
    try {
      output = Files.createTempFile("zen", ".out");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new HarnessException(
            command.getFirst() + ": does not end (expected: within " + LONGEST.toSeconds() + " s)");
      }
      return new Outcome(
          process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new HarnessException(command.getFirst() + ": cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HarnessException(command.getFirst() + ": interrupted", e);
    } finally {
      delete(output);
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new HarnessException(file + ": cannot be deleted", e);
    }
  }
}
