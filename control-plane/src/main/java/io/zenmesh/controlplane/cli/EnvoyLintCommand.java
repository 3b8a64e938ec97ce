package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.lint.EnvoyFinding;
import io.zenmesh.xds.lint.EnvoyLinter;
import io.zenmesh.xds.lint.KnownEndpoints;
import io.zenmesh.xds.standalone.StandaloneConfig;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "lint",
    description = {
      "Reports every way past the processor that a bootstrap or a /config_dump leaves open.",
      "What is not recognised is reported, too. A dry run is, unless -f says enforce: false."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:none found", "1:findings", "2:wrong usage, or the file cannot be read"})
final class EnvoyLintCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** For programs. */
  record Report(String file, List<Entry> findings) {}

  /** One finding. */
  record Entry(int line, int column, String path, String problem, String fix) {}

  @Parameters(
      paramLabel = "FILE",
      description = "A bootstrap (YAML or JSON), or what the admin interface's /config_dump says.")
  private Path file;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "ENDPOINTS",
      description =
          "The endpoints.yaml that this Envoy serves: allows a dry run where it says enforce: false,"
              + " and demands the response where the scheme needs it.")
  private Optional<Path> endpoints = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Output output = Output.table;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      return lint();
    } catch (OutOfMemoryError e) {
      // What was read is out of reach by now.
      throw CliException.usage(
          file + ": too large (expected: a file that this program's memory holds)");
    }
  }

  private int lint() {
    String text = read(file, EnvoyLinter.MAX_CHARACTERS);
    Optional<KnownEndpoints> known = Optional.empty();
    if (endpoints.isPresent()) {
      Optional<StandaloneConfig> config =
          EndpointsFile.read(endpoints.get(), spec.commandLine().getErr());
      if (config.isEmpty()) {
        return Zenctl.USAGE;
      }
      known = Optional.of(KnownEndpoints.of(config.get(), EndpointsFile::outcomeNeeded));
    }
    EnvoyLinter.Report report = EnvoyLinter.report(text, known);
    List<EnvoyFinding> findings = report.findings();
    if (!report.read()) {
      findings.forEach(finding -> spec.commandLine().getErr().println(file + ":" + finding));
      return Zenctl.USAGE;
    }
    PrintWriter out = spec.commandLine().getOut();
    switch (output) {
      case json ->
          out.println(
              JSON.writeValueAsString(
                  new Report(
                      file.toString(),
                      findings.stream()
                          .map(it ->
                              new Entry(
                                  it.at().line(),
                                  it.at().column(),
                                  it.path(),
                                  it.problem(),
                                  it.fix()))
                          .toList())));
      case table -> findings.forEach(finding -> out.println(file + ":" + finding));
    }
    return findings.isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
  }

  /**
   * Reads no more than it must: some files, such as devices and pipes, have no end.
   *
   * @param most characters
   */
  static String read(Path file, int most) {
    StringBuilder text = new StringBuilder();
    char[] part = new char[64 * 1024];
    try (Reader reader =
        new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder())) {
      for (int read = reader.read(part); read >= 0; read = reader.read(part)) {
        text.append(part, 0, read);
        if (text.length() > most) {
          throw CliException.usage(
              file + ": too large (expected: at most " + most + " characters)");
        }
        if (text.indexOf("\0", text.length() - read) >= 0) {
          throw CliException.usage(file + ": not text (expected: YAML or JSON)");
        }
      }
      return text.toString();
    } catch (IOException e) {
      throw CliException.usage(file + ": cannot be read (expected: a readable file, in UTF-8)");
    }
  }
}
