package io.zenmesh.extproc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The processor as a child process, as an operator starts it. */
final class ProcessorProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final Process process;
  private final BufferedReader out;
  private final Path err;

  private ProcessorProcess(Process process, Path err) {
    this.process = process;
    this.out = process.inputReader(UTF_8);
    this.err = err;
  }

  static ProcessorProcess start(Path directory, List<String> arguments) throws IOException {
    return start(directory, mainClassPath(), arguments);
  }

  /** With files that hide the product's own. */
  static ProcessorProcess startWith(Path hiding, Path directory, List<String> arguments)
      throws IOException {
    return start(directory, hiding + ":" + mainClassPath(), arguments);
  }

  private static ProcessorProcess start(Path directory, String classPath, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.lettuce.core.iouring=false",
            "-cp",
            classPath,
            "io.zenmesh.extproc.Main"));
    command.addAll(arguments);
    Path err = Files.createTempFile(directory, "extproc", ".err");
    return new ProcessorProcess(
        new ProcessBuilder(command).redirectError(err.toFile()).start(), err);
  }

  /** Without the test classes, whose logging configuration would win. */
  private static String mainClassPath() {
    return String.join(
        ":",
        java.util.Arrays.stream(System.getProperty("java.class.path").split(":", -1))
            .filter(entry -> !entry.endsWith("test-classes"))
            .toList());
  }

  /** The first line on stdout. */
  String readyLine() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new AssertionError("no ready line; stderr:\n" + stderr());
    }
    return line;
  }

  String stderr() throws IOException {
    return Files.readString(err);
  }

  /** Ends it without a word, as a crash does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void terminate() {
    process.destroy();
  }

  int exitStatus() throws InterruptedException, IOException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running; stderr:\n" + stderr());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
