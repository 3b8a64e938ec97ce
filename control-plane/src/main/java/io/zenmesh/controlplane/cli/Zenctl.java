package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
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

/**
 * The command line: exit code 0 done, 1 failed or refused, 2 wrong usage or configuration, 3 a
 * difference.
 */
@Command(
    name = "zenctl",
    description = "Looks at and changes a Zen mesh.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Zenctl.VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed or refused",
      "2:wrong usage or configuration",
      "3:there is a difference (diff)"
    },
    subcommands = {
      ProxyCommand.class,
      MeshCommand.class,
      EnvoyCommand.class,
      ApplyCommand.class,
      DiffCommand.class,
      GetCommand.class,
      DescribeCommand.class,
      DeleteCommand.class,
      PrincipalCommand.class,
      TokenCommand.class,
      ContextCommand.class,
      CompletionCommand.class,
      SecretCommand.class,
      KeyCommand.class,
      KekCommand.class,
      SignatureCommand.class,
      AuditCommand.class,
      VersionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Zenctl implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int DIFFERS = 3;

  private final Map<String, String> environment;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Default: $ZEN_STATE/zenctl.yaml, else .zen/zenctl.yaml.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "Which of the configuration's contexts; default: its current one.")
  private Optional<String> context = Optional.empty();

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

  /** The configuration file, which need not be there. */
  Path configFile() {
    return config.orElseGet(() ->
        Path.of(
            Optional.ofNullable(environment.get("ZEN_STATE"))
                .filter(it -> !it.isBlank())
                .orElse(".zen"),
            "zenctl.yaml"));
  }

  /** Whose things are meant: as the command says, else as the context does. */
  Name tenant(Optional<String> stated) {
    Optional<Name> tenant =
        stated.isPresent()
            ? stated.filter(Name::isValid).map(Name::new)
            : ClientConfig.read(configFile(), context).tenant();
    return tenant.orElseThrow(
        () -> CliException.usage("--tenant: missing or malformed (expected: a tenant's name)"));
  }

  /** Opens the API as the configuration says; the caller's to close. */
  ApiClient api() {
    return new ApiClient(ClientConfig.read(configFile(), context));
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
