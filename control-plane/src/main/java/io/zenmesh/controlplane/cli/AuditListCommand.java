package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "list", description = "Lists entries of a tenant's record, oldest first.")
final class AuditListCommand implements Callable<Integer> {
  @Mixin private ChainOption of;

  @Option(
      names = "--after",
      paramLabel = "SEQ",
      description = "Begins behind this sequence number; default: the newest entries.")
  private Optional<Long> after = Optional.empty();

  @Option(
      names = "--limit",
      defaultValue = "50",
      paramLabel = "N",
      description = "1 to 1000; default: ${DEFAULT-VALUE}.")
  private int limit = 50;

  @Mixin private OutputOption output;

  @Spec private CommandSpec spec;
  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() {
    List<RecordView.Entry> entries;
    try (ApiClient api = parent.api()) {
      entries = api.auditEntries(of.chain(), after, limit);
    }
    output.print(
        spec.commandLine().getOut(), new RecordView.Entries(entries), AuditLines.rows(entries));
    return Zenctl.DONE;
  }
}
