package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "describe", description = "Shows all of one thing, with its version.")
final class DescribeCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Parameters(index = "0", paramLabel = "KIND")
  private String kind;

  @Parameters(index = "1", paramLabel = "NAME")
  private String name;

  @Option(names = "--tenant", paramLabel = "NAME", description = "Whose; default: the context's.")
  private Optional<String> tenant = Optional.empty();

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    ResourceKind meant = ResourceKind.of(kind);
    Optional<Name> whose =
        meant == ResourceKind.TENANT ? Optional.empty() : Optional.of(zenctl.tenant(tenant));
    String path = meant.path(whose) + "/" + GetCommand.checked(name);
    try (ApiClient api = zenctl.api()) {
      HttpResponse<String> response = api.call("GET", path, Optional.empty());
      if (response.statusCode() == 404) {
        throw CliException.failed(meant.word() + " " + name + ": not there, or not yours");
      }
      response
          .headers()
          .firstValue("ETag")
          .ifPresent(it -> spec.commandLine().getOut().println("# version " + it));
      Form.yaml.print(meant, List.of(JSON.readTree(response.body())), spec.commandLine().getOut());
    }
    return Zenctl.DONE;
  }
}
