package io.zenmesh.envoyconfig;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The Envoy that the tests run: {@code ENVOY_BIN}, else the one on PATH, else the cached one. */
final class EnvoyBinary {
  private static final String CACHED = ".cache/zen-mesh/envoy/1.40.0/envoy";

  private final Path path;

  private EnvoyBinary(Path path) {
    this.path = path;
  }

  /**
   * @throws AssertionError when there is none: a test that skips itself proves nothing
   */
  static EnvoyBinary find() {
    return find(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  static EnvoyBinary find(Map<String, String> environment, Path home) {
    Stream<Path> named = Optional.ofNullable(environment.get("ENVOY_BIN")).map(Path::of).stream();
    Stream<Path> onPath =
        Stream.of(environment.getOrDefault("PATH", "").split(":"))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry, "envoy"));
    return Stream.of(named, onPath, Stream.of(home.resolve(CACHED)))
        .flatMap(found -> found)
        .filter(found -> Files.isRegularFile(found) && Files.isExecutable(found))
        .findFirst()
        .map(EnvoyBinary::new)
        .orElseThrow(() ->
            new AssertionError(
                "Envoy not found (expected: ENVOY_BIN=/path/to/envoy, envoy on PATH, or "
                    + home.resolve(CACHED)
                    + "; ./zen doctor says how to get one)"));
  }

  Path path() {
    return path;
  }

  /** Runs {@code envoy --mode validate} and returns what it printed; empty when it was content. */
  Optional<String> complaint(Path config) {
    try {
      Process envoy =
          new ProcessBuilder(
                  List.of(
                      path.toString(),
                      "--mode",
                      "validate",
                      "--log-level",
                      "warning",
                      "-c",
                      config.toString()))
              .redirectErrorStream(true)
              .start();
      String output = new String(envoy.getInputStream().readAllBytes(), UTF_8);
      if (!envoy.waitFor(60, TimeUnit.SECONDS)) {
        envoy.destroyForcibly();
        return Optional.of("still validating after 60 s\n" + output);
      }
      // A deprecated field is a warning today and a refusal in a later release.
      boolean content = envoy.exitValue() == 0 && !output.contains("[warning]");
      return content ? Optional.empty() : Optional.of(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
