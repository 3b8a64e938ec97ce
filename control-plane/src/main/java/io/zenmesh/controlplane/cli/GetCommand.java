package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    name = "get",
    description = "Shows tenants, clusters, destinations, endpoints, principals or tokens.")
final class GetCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "KIND")
  private String kind;

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME")
  private Optional<String> name = Optional.empty();

  @Mixin private ContextTenantOption tenant;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Form form = Form.table;

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    ResourceKind meant = ResourceKind.of(kind);
    try (ApiClient api = zenctl.api()) {
      String path = meant.path(tenant.of(zenctl, meant));
      List<JsonNode> items =
          name.isPresent()
              ? List.of(api.json("GET", path + "/" + checked(name.get()), Optional.empty()))
              : api.all(path);
      form.print(meant, items, spec.commandLine().getOut());
    }
    return Zenctl.DONE;
  }

  /** A name or an id goes into a path as it is. */
  static String checked(String name) {
    if (!Name.isValid(name)) {
      throw CliException.usage("name: malformed (expected: [a-z0-9][a-z0-9-]{0,62})");
    }
    return name;
  }
}
