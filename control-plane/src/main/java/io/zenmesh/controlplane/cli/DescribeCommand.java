package io.zenmesh.controlplane.cli;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Mixin private ContextTenantOption tenant;

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    ResourceKind meant = ResourceKind.of(kind);
    String path = meant.path(tenant.of(zenctl, meant)) + "/" + GetCommand.checked(name);
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
