package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The operator's command line: exit code 0 done, 1 failed or refused, 2 wrong usage or config. */
@Command(
    name = "zenctl",
    description = "Looks at and changes a Zen mesh.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Zenctl.VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed or refused", "2:wrong usage or configuration"},
    subcommands = {
      ProxyCommand.class,
      MeshCommand.class,
      EnvoyCommand.class,
      ApplyCommand.class,
      SignatureCommand.class,
      AuditCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Zenctl implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private final Map<String, String> environment;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Default: $ZEN_STATE/zenctl.yaml, else .zen/zenctl.yaml.")
  private Optional<Path> config = Optional.empty();

  @Spec private CommandSpec spec;

  Zenctl(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The process's entry. */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(System.getenv(), out, err, arguments));
  }

  /** Runs one command line; returns its exit code. */
  static int run(
      Map<String, String> environment, PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new Zenctl(environment))
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          if (failure instanceof CliException known) {
            command.getErr().println("zenctl: " + known.getMessage());
            return known.exitCode();
          }
          command.getErr().println("zenctl: unexpected: " + failure);
          return FAILED;
        })
        .execute(arguments);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: one of those below)");
  }

  /** Opens the API as the configuration says; the caller's to close. */
  ApiClient api() {
    Path file =
        config.orElseGet(() ->
            Path.of(
                Optional.ofNullable(environment.get("ZEN_STATE"))
                    .filter(it -> !it.isBlank())
                    .orElse(".zen"),
                "zenctl.yaml"));
    return new ApiClient(ClientConfig.read(file));
  }

  Map<String, String> environment() {
    return environment;
  }

  /** The version for {@code --version}. */
  static final class VersionText implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"zenctl " + ProductVersion.text()};
    }
  }
}
