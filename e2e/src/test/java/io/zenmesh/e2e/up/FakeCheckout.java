package io.zenmesh.e2e.up;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real launcher in a checkout of which everything else is made up. */
final class FakeCheckout {
  private static final List<String> TOOLS =
      List.of(
          "bash",
          "env",
          "sh",
          "awk",
          "basename",
          "cat",
          "chmod",
          "cut",
          "df",
          "dirname",
          "du",
          "find",
          "flock",
          "getconf",
          "grep",
          "head",
          "id",
          "ln",
          "mkdir",
          "mktemp",
          "mv",
          "printf",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "sort",
          "tail",
          "uname");

  private final Path root;
  private final Path tools;
  private final Map<String, String> environment = new HashMap<>();

  record Outcome(int status, String out, String err) {}

  /**
   * @param folder an empty folder
   * @param launcher the launcher under test
   */
  FakeCheckout(Path folder, Path launcher) throws IOException {
    root = Files.createDirectories(folder.resolve("check out"));
    tools = Files.createDirectories(folder.resolve("tools"));
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.copy(launcher, root.resolve("zen"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String tool : TOOLS) {
      provide(tool);
    }
    environment.put("PATH", tools.toString());
    environment.put("HOME", home.toString());
    environment.put("ZEN_JAVA_HOME", System.getProperty("java.home"));
    environment.put("ENVOY_BIN", envoy("1.40.0").toString());
  }

  Path root() {
    return root;
  }

  FakeCheckout with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  FakeCheckout without(String variable) {
    environment.remove(variable);
    return this;
  }

  Path envoy(String version) throws IOException {
    return script(
        root.resolve("envoy-" + version),
        "echo 'envoy  version: abc/" + version + "/Clean/RELEASE/BoringSSL'");
  }

  /** A JDK in name only, of this version. */
  Path jdk(String version) throws IOException {
    Path jdk = root.resolve("jdk-" + version);
    Files.createDirectories(jdk.resolve("bin"));
    script(jdk.resolve("bin/java"), "exit 0");
    script(jdk.resolve("bin/javac"), "exit 0");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  /**
   * A JDK that only writes down how it was called, and a Maven that makes what it builds.
   *
   * @return the file with the command lines of the programs started
   */
  Path fakeBuild() throws IOException {
    Path said = root.resolve("said");
    Path jdk = jdk("25.0.1");
    var _ = script(jdk.resolve("bin/java"), "echo \"$*\" >> '" + said + "'");
    maven(
        """
        mkdir -p .mvn && : > .mvn/jvm.config && : > pom.xml
        for module in xds extproc control-plane e2e; do
          mkdir -p $module/src $module/target
          [ -f $module/pom.xml ] || : > $module/pom.xml
          : > $module/target/$module-0.1.0-SNAPSHOT.jar
          : > $module/target/classpath.txt
        done
        """);
    environment.put("ZEN_JAVA_HOME", jdk.toString());
    return said;
  }

  /** What Maven does here. */
  void maven(String script) throws IOException {
    var _ = script(root.resolve("mvnw"), script);
  }

  Outcome zen(String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile(root, "out", ".txt");
    Path err = Files.createTempFile(root, "err", ".txt");
    Process process = start(out, err, arguments);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("zen does not end");
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** Starts it and does not wait. */
  Process start(Path out, Path err, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("zen").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Replaces one of the tools on PATH. */
  void tool(String name, String script) throws IOException {
    var _ = script(tools.resolve(name), script);
  }

  FakeCheckout withoutTool(String name) throws IOException {
    Files.delete(tools.resolve(name));
    return this;
  }

  private void provide(String tool) throws IOException {
    for (String folder : new String[] {"/usr/bin", "/bin"}) {
      Path program = Path.of(folder, tool);
      if (Files.isExecutable(program)) {
        var _ = script(tools.resolve(tool), "exec " + program + " \"$@\"");
        return;
      }
    }
  }

  private static Path script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
