package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "validate",
    description =
        "Runs 'envoy --mode validate' on a file. It says nothing about ways past the"
            + " processor: that is lint.")
final class EnvoyValidateCommand implements Callable<Integer> {
  private static final String CACHED = ".cache/zen-mesh/envoy/1.40.0/envoy";
  private static final long LIMIT_SECONDS = 60;

  @Parameters(paramLabel = "FILE", description = "A bootstrap, YAML or JSON.")
  private Path file;

  @Spec private CommandSpec spec;
  @ParentCommand private EnvoyCommand parent;

  @Override
  public Integer call() {
    if (!Files.isReadable(file)) {
      throw CliException.usage(file + ": cannot be read (expected: a readable file)");
    }
    Path envoy = find(parent.environment(), Path.of(System.getProperty("user.home")));
    List<String> command =
        List.of(
            envoy.toString(),
            "--mode",
            "validate",
            "--disable-hot-restart",
            "--log-level",
            "warning",
            "--config-path",
            file.toString());
    try {
      Path said = Files.createTempFile("zenctl-envoy", ".log");
      try {
        return run(command, said);
      } finally {
        Files.deleteIfExists(said);
      }
    } catch (IOException e) {
      throw CliException.failed(envoy + ": cannot be run (expected: an Envoy)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    }
  }

  /** Into a file: a pipe that nobody reads would stop Envoy, and reading it knows no limit. */
  private int run(List<String> command, Path said) throws IOException, InterruptedException {
    Process envoy =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    boolean ended;
    try {
      ended = envoy.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    } finally {
      envoy.destroyForcibly();
    }
    Files.readString(said, StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> spec.commandLine().getErr().println(line));
    if (!ended) {
      throw CliException.failed("envoy: still validating after " + LIMIT_SECONDS + " s");
    }
    if (envoy.exitValue() != 0) {
      return Zenctl.FAILED;
    }
    spec.commandLine().getOut().println(file + ": valid");
    return Zenctl.DONE;
  }

  /** {@code ENVOY_BIN}, else the one on PATH, else the one that {@code ./zen} has fetched. */
  static Path find(Map<String, String> environment, Path home) {
    Stream<Path> named =
        Optional.ofNullable(environment.get("ENVOY_BIN"))
            .filter(it -> !it.isBlank())
            .map(Path::of)
            .stream();
    Stream<Path> onPath =
        Stream.of(environment.getOrDefault("PATH", "").split(":"))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry, "envoy"));
    return Stream.of(named, onPath, Stream.of(home.resolve(CACHED)))
        .flatMap(found -> found)
        .filter(found -> Files.isRegularFile(found) && Files.isExecutable(found))
        .findFirst()
        .orElseThrow(() ->
            CliException.usage(
                "envoy: not found (expected: ENVOY_BIN=/path/to/envoy, envoy on PATH, or "
                    + home.resolve(CACHED)
                    + ", which './zen up' fetches)"));
  }
}
