package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.lint.EnvoyFinding;
import io.zenmesh.xds.lint.EnvoyLinter;
import io.zenmesh.xds.lint.KnownEndpoints;
import io.zenmesh.xds.standalone.StandaloneConfig;
import java.io.IOException;
import java.io.PrintWriter;
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
    String text = text();
    List<EnvoyFinding> findings;
    if (endpoints.isPresent()) {
      Optional<StandaloneConfig> config =
          EndpointsFile.read(endpoints.get(), spec.commandLine().getErr());
      if (config.isEmpty()) {
        return Zenctl.USAGE;
      }
      findings =
          EnvoyLinter.lint(text, KnownEndpoints.of(config.get(), EndpointsFile::outcomeNeeded));
    } else {
      findings = EnvoyLinter.lint(text);
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

  private String text() {
    try {
      // Four bytes at most are one character.
      if (Files.size(file) > 4L * EnvoyLinter.MAX_CHARACTERS) {
        throw CliException.usage(
            file + ": too large (expected: at most " + EnvoyLinter.MAX_CHARACTERS + " characters)");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw CliException.usage(file + ": cannot be read (expected: a readable file)");
    }
  }
}
