package io.zenmesh.e2e.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An Envoy program that is new enough.
 *
 * @param path the program
 * @param version as it says itself, such as 1.40.0
 */
public record EnvoyBinary(Path path, String version) {
  /** The oldest release without a known hole that matters here. */
  static final String FLOOR = "1.39.3";

  private static final String CACHED_VERSION = "1.40.0";
  private static final Pattern VERSION = Pattern.compile("/(\\d+)\\.(\\d+)\\.(\\d+)[^/]*/");

  /**
   * Looks in the order {@code ENVOY_BIN}, {@code envoy} on PATH, cache.
   *
   * @throws HarnessException naming every way to get one
   */
  public static EnvoyBinary find() {
    return find(System.getenv(), StateDirectory.cacheDirectory(), Programs.find("envoy"));
  }

  static EnvoyBinary find(Map<String, String> environment, Path cache, Optional<Path> onPath) {
    List<String> tooOld = new ArrayList<>();
    List<Path> candidates = new ArrayList<>();
    Optional.ofNullable(environment.get("ENVOY_BIN")).map(Path::of).ifPresent(candidates::add);
    onPath.ifPresent(candidates::add);
    candidates.add(cache.resolve("envoy").resolve(CACHED_VERSION).resolve("envoy"));
    for (Path candidate : candidates) {
      if (!Files.isExecutable(candidate)) {
        continue;
      }
      Optional<String> version = version(candidate);
      if (version.filter(v -> atLeast(v, FLOOR)).isPresent()) {
        return new EnvoyBinary(candidate.toAbsolutePath(), version.get());
      }
      tooOld.add(candidate + " (" + version.orElse("no version") + ")");
    }
    throw new HarnessException(
        "envoy: none found"
            + (tooOld.isEmpty() ? "" : ", not usable: " + String.join(", ", tooOld))
            + " (expected: "
            + FLOOR
            + " or newer by ENVOY_BIN, on PATH, or fetched into the cache by ./zen doctor --fetch)");
  }

  static Optional<String> version(Path program) {
    Programs.Outcome outcome = Programs.run(List.of(program.toString(), "--version"));
    Matcher matcher = VERSION.matcher(outcome.output());
    return outcome.status() == 0 && matcher.find()
        ? Optional.of(matcher.group(1) + "." + matcher.group(2) + "." + matcher.group(3))
        : Optional.empty();
  }

  static boolean atLeast(String version, String floor) {
    String[] have = version.split("\\.");
    String[] need = floor.split("\\.");
    for (int i = 0; i < 3; i++) {
      int difference = Integer.parseInt(have[i]) - Integer.parseInt(need[i]);
      if (difference != 0) {
        return difference > 0;
      }
    }
    return true;
  }
}
