package io.zenmesh.controlplane.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "token",
    description = "Tokens that principals act with.",
    subcommands = {
      TokenCommand.Create.class,
      TokenCommand.ListAll.class,
      TokenCommand.Revoke.class
    })
final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: create, list or revoke)");
  }

  @Command(
      name = "create",
      description = {
        "Makes a token and prints it, alone, once: let it go into a file.",
        "What else there is to know goes to the standard error."
      })
  static final class Create implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(
        names = "--principal",
        required = true,
        paramLabel = "NAME",
        description = "On whose behalf it acts.")
    private String principal;

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description = "At most the principal's own, which is the default.")
    private Optional<String> role = Optional.empty();

    @Option(
        names = "--life",
        defaultValue = "30d",
        paramLabel = "TIME",
        description = "Such as 15m, 12h or 30d; default: ${DEFAULT-VALUE}.")
    private String life;

    @Mixin private ContextTenantOption tenant;

    @Spec private CommandSpec spec;
    @ParentCommand private TokenCommand parent;

    @Override
    public Integer call() {
      ObjectNode body =
          JSON.createObjectNode()
              .put("principal", principal)
              .put("lifeSeconds", duration(life).toSeconds());
      role.ifPresent(it -> body.put("role", it));
      String path = ResourceKind.TOKEN.path(Optional.of(tenant.of(parent.zenctl)));
      try (ApiClient api = parent.zenctl.api()) {
        JsonNode made = api.json("POST", path, Optional.of(body.toString()));
        spec.commandLine().getOut().println(made.path("token").asString());
        spec.commandLine()
            .getErr()
            .println(
                "zenctl: token "
                    + made.path("id").asString()
                    + " of "
                    + made.path("principal").asString()
                    + ", expires "
                    + made.path("expires").asString());
      }
      return Zenctl.DONE;
    }

    static Duration duration(String text) {
      if (!text.matches("[1-9][0-9]{0,5}[smhd]")) {
        throw CliException.usage("--life: " + text + " (expected: such as 15m, 12h or 30d)");
      }
      long number = Long.parseLong(text.substring(0, text.length() - 1));
      return switch (text.charAt(text.length() - 1)) {
        case 's' -> Duration.ofSeconds(number);
        case 'm' -> Duration.ofMinutes(number);
        case 'h' -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
  }

  @Command(name = "list", description = "Lists tokens, without themselves.")
  static final class ListAll implements Callable<Integer> {
    @Mixin private ContextTenantOption tenant;

    @Option(
        names = {"-o", "--output"},
        defaultValue = "table",
        description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Form form = Form.table;

    @Spec private CommandSpec spec;
    @ParentCommand private TokenCommand parent;

    @Override
    public Integer call() {
      String path = ResourceKind.TOKEN.path(Optional.of(tenant.of(parent.zenctl)));
      try (ApiClient api = parent.zenctl.api()) {
        form.print(ResourceKind.TOKEN, api.all(path), spec.commandLine().getOut());
      }
      return Zenctl.DONE;
    }
  }

  @Command(name = "revoke", description = "Ends a token at once.")
  static final class Revoke implements Callable<Integer> {
    @Parameters(paramLabel = "ID")
    private String id;

    @Mixin private ContextTenantOption tenant;

    @Spec private CommandSpec spec;
    @ParentCommand private TokenCommand parent;

    @Override
    public Integer call() {
      String path =
          ResourceKind.TOKEN.path(Optional.of(tenant.of(parent.zenctl)))
              + "/"
              + GetCommand.checked(id);
      try (ApiClient api = parent.zenctl.api()) {
        var _ = api.json("DELETE", path, Optional.empty());
        spec.commandLine().getOut().println("token " + id + ": revoked");
      }
      return Zenctl.DONE;
    }
  }
}
