package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The source tree with its built modules, from which the Java processes are started.
 *
 * @param root the folder of the parent pom
 */
public record Checkout(Path root) {
  private static final String HOME_PROPERTY = "zen.home";
  private static final String VERSION = "0.1.0-SNAPSHOT";

  /** The flags of {@code zen.jvm.flags} in the parent pom, and small heaps' collector. */
  static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dio.lettuce.core.iouring=false",
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError");

  /** The checkout named by the system property {@code zen.home}, else the one around the cwd. */
  public static Checkout find() {
    String named = System.getProperty(HOME_PROPERTY, "");
    Path start = Path.of(named).toAbsolutePath().normalize();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("mvnw")) && Files.isDirectory(folder.resolve("e2e"))) {
        return new Checkout(folder);
      }
    }
    throw new HarnessException(
        HOME_PROPERTY + ": no checkout at or above " + start + " (expected: mvnw and e2e/ in it)");
  }

  /**
   * The command that runs a main class of a built module.
   *
   * @param heapMebibytes the largest heap
   * @throws HarnessException when the module has not been built
   */
  public List<String> java(
      String module, String mainClass, int heapMebibytes, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.add("-Xmx" + heapMebibytes + "m");
    command.add("-cp");
    command.add(classPath(module));
    command.add(mainClass);
    command.addAll(arguments);
    return List.copyOf(command);
  }

  private String classPath(String module) {
    Path target = root.resolve(module).resolve("target");
    Path jar = target.resolve(module + "-" + VERSION + ".jar");
    Path dependencies = target.resolve("classpath.txt");
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
