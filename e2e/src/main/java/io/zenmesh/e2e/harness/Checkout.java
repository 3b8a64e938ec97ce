package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The source tree with its built modules, from which the Java processes are started.
 *
 * @param root the folder of the parent pom
 * @param recordsClasses whether processes started from it write an archive of the classes they load
 */
public record Checkout(Path root, boolean recordsClasses) {
  private static final String HOME_PROPERTY = "zen.home";
  private static final Duration RECORDING_GRACE = Duration.ofSeconds(30);
  private static final String VERSION = "0.1.0-SNAPSHOT";

  /** The flags of {@code zen.jvm.flags} in the parent pom, and small heaps' collector. */
  static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dio.lettuce.core.iouring=false",
          "-XX:+UseSerialGC",
          // Its file would lie in /tmp, whatever java.io.tmpdir says.
          "-XX:-UsePerfData",
          "-XX:+ExitOnOutOfMemoryError");

  /** The checkout named by the system property {@code zen.home}, else the one around the cwd. */
  public static Checkout find() {
    String named = System.getProperty(HOME_PROPERTY, "");
    Path start = Path.of(named).toAbsolutePath().normalize();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("mvnw")) && Files.isDirectory(folder.resolve("e2e"))) {
        return new Checkout(folder, false);
      }
    }
    throw new HarnessException(
        HOME_PROPERTY + ": no checkout at or above " + start + " (expected: mvnw and e2e/ in it)");
  }

  /**
   * The command that runs a main class of a built module, with the module's archive of loaded
   * classes when {@link ClassArchive} has made one of this build.
   *
   * @param heapMebibytes the largest heap
   * @throws HarnessException when the module has not been built
   */
  public List<String> java(
      String module, String mainClass, int heapMebibytes, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.add("-Xmx" + heapMebibytes + "m");
    command.addAll(recordsClasses ? archive(module).recordingFlags() : archive(module).flags());
    command.add("-cp");
    command.add(classPath(module));
    command.add(mainClass);
    command.addAll(arguments);
    return List.copyOf(command);
  }

  /** The same, recording when the module has no current archive. */
  Checkout recording(String module) {
    return new Checkout(root, !archive(module).isCurrent());
  }

  /** How a process of a module is started: by the command, known by the marker. */
  ChildSpec child(String name, String module, List<String> command, String marker, Path log) {
    ChildSpec spec = ChildSpec.of(name, command, log).withMarker(marker);
    return recordsClasses
        ? spec.withStop(ChildSpec.StopSignal.TERM, RECORDING_GRACE)
            .withAfterStop(archive(module)::take)
        : spec;
  }

  /** The archive of a module's loaded classes. */
  ClassArchive archive(String module) {
    Path target = root.resolve(module).resolve("target");
    return new ClassArchive(target.resolve(module + ".jsa"), jar(module));
  }

  private Path jar(String module) {
    return root.resolve(module).resolve("target").resolve(module + "-" + VERSION + ".jar");
  }

  private String classPath(String module) {
    Path jar = jar(module);
    Path dependencies = jar.resolveSibling("classpath.txt");
    if (!Files.exists(jar) || !Files.exists(dependencies)) {
      throw new HarnessException(
          module + ": not built, no " + jar + " (expected: ./zen up builds it, or mvnw package)");
    }
    try {
      String rest = Files.readString(dependencies, StandardCharsets.UTF_8).strip();
      return Optional.of(rest).filter(r -> !r.isEmpty()).map(r -> jar + ":" + r).orElse("" + jar);
    } catch (IOException e) {
      throw new HarnessException(module + ": " + dependencies + " cannot be read", e);
    }
  }
}
