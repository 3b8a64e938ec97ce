package io.zenmesh.controlplane.outside;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs from PyPI that know nothing of us, in an environment of their own. */
public final class PyPiPrograms implements AutoCloseable {
  private final Path folder;
  private final Duration patience;
  private final List<Process> started = new ArrayList<>();

  private PyPiPrograms(Path folder, Duration patience) {
    this.folder = folder;
    this.patience = patience;
  }

  /** How a program ended, and all that it said. */
  public record Ended(int status, String output) {}

  /**
   * Installs them; skips the test, and says so, where that is not possible.
   *
   * @param folder where they come to lie, and run
   * @param patience for one program to end
   * @param packages with versions, as {@code pip} takes them
   */
  public static PyPiPrograms install(Path folder, Duration patience, String... packages)
      throws IOException, InterruptedException {
    PyPiPrograms programs = new PyPiPrograms(folder, patience);
    Ended ended = programs.run(Map.of(), "python3", "-m", "venv", programs.home().toString());
    if (ended.status() == 0) {
      List<String> pip = new ArrayList<>(List.of(programs.path("pip").toString(), "install"));
      pip.addAll(List.of("--quiet", "--disable-pip-version-check"));
      pip.addAll(List.of(packages));
      ended = programs.run(Map.of(), pip.toArray(String[]::new));
    }
    if (ended.status() != 0) {
      String reason =
          "SKIPPED, nothing was checked: " + String.join(", ", packages) + ": " + ended.output();
      System.err.println(reason);
      abort(reason);
    }
    return programs;
  }

  /** Where all of it lies. */
  public Path home() {
    return folder.resolve("venv");
  }

  /** Where a program lies. */
  public Path path(String program) {
    return home().resolve("bin").resolve(program);
  }

  /** Runs a program to its end. */
  public Ended run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process;
    try {
      process = begun(environment, output, command);
    } catch (IOException e) {
      return new Ended(127, String.valueOf(e.getMessage()));
    }
    if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  /** Starts a program that runs until this is closed. */
  public void serve(Path log, String... command) throws IOException {
    started.add(begun(Map.of(), log, command));
  }

  private Process begun(Map<String, String> environment, Path output, String... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Ends what it started. */
  @Override
  public void close() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }
}
