package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.xds.model.Name;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "tail",
    description = "Prints new entries of a tenant's record as they come, until it is interrupted.")
final class AuditTailCommand implements Callable<Integer> {
  private static final int PAGE = 1_000;
  private static final int MOST_SECONDS = 3_600;

  @Mixin private ChainOption of;

  @Option(
      names = "--seconds",
      defaultValue = "2",
      paramLabel = "N",
      description = "How often it asks, 1 to 3600; default: ${DEFAULT-VALUE}.")
  private int seconds = 2;

  @Option(names = "--rounds", hidden = true, defaultValue = "0")
  private int rounds;

  @Spec private CommandSpec spec;
  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() throws InterruptedException {
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw CliException.usage("--seconds: " + seconds + " (expected: 1 to " + MOST_SECONDS + ")");
    }
    PrintWriter out = spec.commandLine().getOut();
    Name chain = of.chain();
    try (ApiClient api = parent.api()) {
      List<RecordView.Entry> last = api.auditEntries(chain, Optional.empty(), 10);
      long seq = last.isEmpty() ? 0 : last.getLast().seq();
      last.stream().filter(AuditTailCommand::shown).map(AuditLines::line).forEach(out::println);
      for (int round = 1; rounds == 0 || round < rounds; round++) {
        Thread.sleep(1_000L * seconds);
        for (RecordView.Entry entry : api.auditEntries(chain, Optional.of(seq), PAGE)) {
          seq = entry.seq();
          if (shown(entry)) {
            out.println(AuditLines.line(entry));
          }
        }
      }
    }
    return Zenctl.DONE;
  }

  /** Its own asking is on record too, and would never let it rest. */
  private static boolean shown(RecordView.Entry entry) {
    return !entry.object().equals("operation/listAudit");
  }
}
