package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs of the host: finding them, and running short ones to their end. */
final class Programs {
  static final Duration LONGEST = Duration.ofSeconds(60);

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

  /** Never cut short by our own end, which is when most signals are sent. */
  static void signal(String signal, long pid) {
    Outcome outcome = finish(start(List.of("kill", "-" + signal, Long.toString(pid))), "kill");
    if (outcome.status() != 0) {
      throw new HarnessException("kill -" + signal + " " + pid + ": " + outcome.output());
    }
  }

  /**
   * Runs a program that says little and ends by itself within a minute, or with this JVM; output
   * and errors come back together. What may last goes through {@link Supervisor#run}.
   */
  static Outcome run(List<String> command) {
    Process process = start(command);
    Thread end = new Thread(process::destroyForcibly, "zen-program-shutdown");
    try {
      Runtime.getRuntime().addShutdownHook(end);
      Outcome outcome = finish(process, command.getFirst());
      var _ = Runtime.getRuntime().removeShutdownHook(end);
      return outcome;
    } catch (IllegalStateException shuttingDown) {
      process.destroyForcibly();
      throw new HarnessException(command.getFirst() + ": the JVM is ending", shuttingDown);
    }
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
          .start();
    } catch (IOException e) {
      throw new HarnessException(command.getFirst() + ": cannot be run", e);
    }
  }

  private static Outcome finish(Process process, String program) {
    var _ =
        process
            .onExit()
            .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
            .exceptionally(tooLong -> process.destroyForcibly());
    try (InputStream output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Outcome(process.waitFor(), text);
    } catch (IOException e) {
      throw new HarnessException(program + ": cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new HarnessException(program + ": interrupted", e);
    }
  }
}
