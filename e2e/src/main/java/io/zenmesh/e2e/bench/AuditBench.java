package io.zenmesh.e2e.bench;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.controlplane.audit.verify.ExportReader;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.LoneDatabase;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.xds.model.Name;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./zen bench audit}: how many entries a second the audit record takes and a verifier
 * checks.
 *
 * <p>Exit status 0 when it was measured and the record verifies, whatever the numbers: a machine
 * under load is no error.
 */
@Command(
    name = "bench audit",
    mixinStandardHelpOptions = true,
    description = "Measures appending to the audit record and verifying it; about a minute.")
public final class AuditBench implements Callable<Integer> {
  private static final int APPEND_BUDGET = 50_000;
  private static final int VERIFY_BUDGET = 200_000;
  private static final int CALLERS = 8;
  private static final int SINGLE_CALLERS = 256;

  @Option(
      names = "--entries",
      defaultValue = "200000",
      description = "Entries in a round (default ${DEFAULT-VALUE})")
  private int entries;

  @Option(names = "--rounds", defaultValue = "3", description = "Rounds (default ${DEFAULT-VALUE})")
  private int rounds;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new AuditBench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Path folder = Checkout.find().root().resolve(".zen-build").resolve("bench-audit");
    Machine machine = new Machine();
    System.out.println("machine: " + machine.describe());
    try (LoneDatabase postgres = LoneDatabase.start(folder);
        Database database = Database.open(postgres.address());
        GroupCommitTrail trail = new GroupCommitTrail(database.auditStore(Clock.systemUTC()))) {
      for (int round = 1; round <= rounds; round++) {
        System.out.printf(Locale.ROOT, "round %d%n", round);
        report("append, batches of 512", append(trail, entries, 512, CALLERS), APPEND_BUDGET);
        report("append, one at a time", append(trail, entries / 4, 1, SINGLE_CALLERS), 0);
      }
      while (database.logStore().integrate(100_000) > 0) {}
      return verify(database, folder);
    } catch (HarnessException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      System.out.println(machine.disturbance());
      StateDirectory.deleteTree(folder);
    }
  }

  private record Measured(long entries, long nanos) {}

  private static void report(String what, Measured it, int budget) {
    System.out.printf(
        Locale.ROOT,
        "  %-24s %8d entries %8.0f ms %10.0f /s%s%n",
        what,
        it.entries(),
        it.nanos() / 1e6,
        it.entries() * 1e9 / it.nanos(),
        budget == 0 ? "" : "  (budget: " + budget + ")");
  }

  private static Measured append(GroupCommitTrail trail, int entries, int batch, int callers) {
    int calls = Math.max(1, entries / batch / callers);
    List<AuditEvent> events = IntStream.range(0, batch).mapToObj(AuditBench::event).toList();
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < callers; caller++) {
        threads.execute(() -> {
          for (int i = 0; i < calls; i++) {
            trail.record(events);
          }
        });
      }
    }
    return new Measured((long) batch * calls * callers, System.nanoTime() - start);
  }

  private static AuditEvent event(int number) {
    return new AuditEvent(
        new Name("acme"),
        new Actor(Actor.Kind.NODE, "spiffe://zen.local/cluster/edge-local/extproc/ingress-1"),
        "secret.unwrap",
        "secret/acme/stripe-" + number,
        AuditEvent.Outcome.ALLOWED,
        "",
        "4bf92f3577b34da6a3ce929d0e0e4736");
  }

  private int verify(Database database, Path folder) throws IOException {
    Path file = folder.resolve("export.jsonl");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      database
          .auditReader()
          .reading(view -> {
            AuditExport.write(view, Optional.empty(), Optional.empty(), out);
            return true;
          });
    }
    List<ExportItem> items = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      ExportReader.read(in, items::add);
    }
    boolean whole = true;
    for (int round = 1; round <= rounds; round++) {
      System.out.printf(Locale.ROOT, "round %d%n", round);
      long start = System.nanoTime();
      RecordVerifier memory = new RecordVerifier(List.of());
      items.forEach(memory::accept);
      RecordVerifier.Report report = memory.finish();
      long end = System.nanoTime();
      report("verify, chains and log", new Measured(report.entries(), end - start), VERIFY_BUDGET);
      whole &= report.faults().isEmpty();
      RecordVerifier fromFile = new RecordVerifier(List.of());
      try (InputStream in = Files.newInputStream(file)) {
        ExportReader.read(in, fromFile::accept);
      }
      whole &= fromFile.finish().faults().isEmpty();
      report("verify, from an export", new Measured(report.entries(), System.nanoTime() - end), 0);
    }
    System.out.println(whole ? "record: whole" : "record: NOT whole");
    return whole ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
