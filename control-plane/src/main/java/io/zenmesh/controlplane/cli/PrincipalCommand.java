package io.zenmesh.controlplane.cli;

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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "principal",
    description = "Who may act within a tenant. They are listed and removed by get and delete.",
    subcommands = PrincipalCommand.Put.class)
final class PrincipalCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: put)");
  }

  @Command(name = "put", description = "Makes or changes one; its role is at most your own.")
  static final class Put implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Parameters(paramLabel = "NAME")
    private String name;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "owner, admin, editor or viewer.")
    private String role;

    @Option(
        names = "--spiffe-id",
        paramLabel = "ID",
        description = "The certificate it may show instead of a token.")
    private Optional<String> spiffeId = Optional.empty();

    @Mixin private ContextTenantOption tenant;

    @Spec private CommandSpec spec;
    @ParentCommand private PrincipalCommand parent;

    @Override
    public Integer call() {
      ObjectNode body = JSON.createObjectNode().put("role", role);
      spiffeId.ifPresent(it -> body.put("spiffeId", it));
      String path =
          ResourceKind.PRINCIPAL.path(Optional.of(tenant.of(parent.zenctl)))
              + "/"
              + GetCommand.checked(name);
      try (ApiClient api = parent.zenctl.api()) {
        var _ = api.json("PUT", path, Optional.of(body.toString()));
        spec.commandLine().getOut().println("principal " + name + ": " + role);
      }
      return Zenctl.DONE;
    }
  }
}
