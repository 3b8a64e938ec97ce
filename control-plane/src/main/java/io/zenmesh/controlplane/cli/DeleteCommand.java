package io.zenmesh.controlplane.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "delete", description = "Removes one thing that nothing refers to.")
final class DeleteCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "KIND")
  private String kind;

  @Parameters(index = "1", paramLabel = "NAME")
  private String name;

  @Mixin private ContextTenantOption tenant;

  @Option(names = "--dry-run", description = "Only looks whether it is there.")
  private boolean dryRun;

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    ResourceKind meant = ResourceKind.of(kind);
    String path = meant.path(tenant.of(zenctl, meant)) + "/" + GetCommand.checked(name);
    try (ApiClient api = zenctl.api()) {
      var _ = api.json(dryRun ? "GET" : "DELETE", path, Optional.empty());
      spec.commandLine()
          .getOut()
          .println((dryRun ? "would ask to remove " : "removed ") + meant.word() + " " + name);
    }
    return Zenctl.DONE;
  }
}
