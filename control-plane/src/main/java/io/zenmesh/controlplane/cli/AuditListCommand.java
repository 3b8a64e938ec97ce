package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "list", description = "Lists entries of a tenant's record, oldest first.")
final class AuditListCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Option(
      names = "--tenant",
      defaultValue = "system",
      paramLabel = "NAME",
      description = "Default: ${DEFAULT-VALUE}, what belongs to no tenant.")
  private String tenant = "system";

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

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Output output = Output.table;

  @Spec private CommandSpec spec;
  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() {
    List<RecordView.Entry> entries;
    try (ApiClient api = parent.api()) {
      entries = api.auditEntries(tenant, after, limit);
    }
    PrintWriter out = spec.commandLine().getOut();
    switch (output) {
      case json -> out.println(JSON.writeValueAsString(new RecordView.Entries(entries)));
      case table -> AuditLines.table(entries).forEach(out::println);
    }
    return Zenctl.DONE;
  }
}
