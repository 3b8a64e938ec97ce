package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.bench.BenchMesh.Arm;
import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.EnvoyBinary;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.Progress;
import io.zenmesh.e2e.harness.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code ./zen bench quick} and {@code edge}: what verification, replay protection and the gate
 * cost a request, beside an Envoy that only reads the body.
 *
 * <p>Exit status 0 when all answers were 200 and the processor kept its budgets, 1 otherwise.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures what a verified request costs, beside plain Envoy.")
public final class EdgeBench implements Callable<Integer> {
  private static final int CONNECTIONS = 32;
  private static final int PREPARED_PER_SECOND = 12_000;
  private static final int WARM_SLICES = 12;

  /** What the first arm has warmed is warm for the others. */
  private static final int OTHER_WARM_SLICES = 4;

  private static final Duration WARM = Duration.ofSeconds(6);

  /** What share of the processor's time its compilers may take in a measured slice. */
  private static final double COMPILED = 0.02;

  private static final Duration SINGLE = Duration.ofSeconds(2);

  /** Which arms. */
  enum Extent {
    /** Plain Envoy and the full pipeline; about two minutes. */
    QUICK,
    /** Every arm with a budget; about six minutes. */
    EDGE
  }

  @Parameters(index = "0", description = "quick: plain and full; edge: every arm with a budget")
  private Extent extent = Extent.QUICK;

  @Option(names = "--rounds", defaultValue = "5", description = "Rounds (default ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "Seconds a slice (default ${DEFAULT-VALUE})")
  private int seconds;

  @Option(names = "--state", description = "Keep state and logs in this folder")
  private @Nullable Path state;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new EdgeBench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  /** An arm that runs, with what is sent to it. */
  private record Running(ArmPlan plan, Arm arm, SignedRequests requests, List<Slice> slices) {}

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || seconds < 1) {
      System.err.println("--rounds, --seconds: (expected: at least 1)");
      return CommandLine.ExitCode.USAGE;
    }
    Path given = state;
    // The same folder each time: what a killed run has left is ended and removed by the next one.
    Path directory =
        given == null ? Checkout.find().root().resolve(".zen-build").resolve("bench") : given;
    try (BenchMesh mesh = BenchMesh.start(directory, Progress.NONE)) {
      return measure(mesh);
    } catch (HarnessException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      if (given == null) {
        StateDirectory.deleteTree(directory);
      }
    }
  }

  private int measure(BenchMesh mesh) throws IOException {
    Machine machine = new Machine();
    System.out.println(
        "machine: " + machine.describe() + ", Envoy " + EnvoyBinary.find().version());
    System.out.println(
        "1 KiB bodies unless the name says more, "
            + CONNECTIONS
            + " connections without TLS and no access log in all arms; Redis over TLS 1.3 with"
            + " client certificate; slices of "
            + seconds
            + " s");
    List<Running> arms = new ArrayList<>();
    try {
      for (ArmPlan plan : extent == Extent.QUICK ? ArmPlan.QUICK : ArmPlan.EDGE) {
        arms.add(
            new Running(
                plan,
                mesh.arm(plan),
                new SignedRequests(plan, mesh.secret(plan.endpoint()), InstantSource.system()),
                new ArrayList<>()));
      }
      int slices = WARM_SLICES;
      for (Running arm : arms) {
        warm(mesh, arm, slices);
        slices = arm.plan().verified() ? OTHER_WARM_SLICES : slices;
      }
      BenchReport report = rounds(mesh, arms);
      System.out.print(report.render());
      System.out.println(machine.disturbance());
      return report.passed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    } finally {
      arms.forEach(arm -> arm.requests().close());
    }
  }

  /** Until the processor's compilers rest: what they do is not the price of a request. */
  private static void warm(BenchMesh mesh, Running arm, int slices) throws IOException {
    double share = 1;
    int slice = 0;
    while (slice < slices && share > COMPILED) {
      Slice warmed = load(mesh, arm, CONNECTIONS, WARM);
      share = arm.plan().verified() ? warmed.compilerMicros() / warmed.processorMicros() : 0;
      slice++;
    }
    System.out.printf(
        Locale.ROOT,
        "warm: %s, %d slices; the processor's compilers then took %.1f %% of its time%n",
        arm.plan().name(),
        slice,
        share * 100);
  }

  private BenchReport rounds(BenchMesh mesh, List<Running> arms) throws IOException {
    Random order = new Random(1);
    for (int round = 0; round < rounds; round++) {
      List<Running> shuffled = new ArrayList<>(arms);
      Collections.shuffle(shuffled, order);
      for (Running arm : shuffled) {
        arm.slices().add(load(mesh, arm, CONNECTIONS, Duration.ofSeconds(seconds)));
      }
    }
    List<ArmResult> results = new ArrayList<>();
    for (Running arm : arms) {
      double single = load(mesh, arm, 1, SINGLE).p50Micros();
      results.add(new ArmResult(arm.plan(), arm.slices(), OptionalDouble.of(single)));
    }
    return new BenchReport(results);
  }

  private static Slice load(BenchMesh mesh, Running arm, int connections, Duration duration)
      throws IOException {
    arm.requests().prepare(PREPARED_PER_SECOND * Math.toIntExact(duration.toSeconds()));
    long pid = arm.arm().pid();
    try (LoadClient client = new LoadClient(arm.arm().port(), connections, arm.requests())) {
      long envoy = ProcessCpu.micros(pid);
      long processor = ProcessCpu.micros(mesh.processorPid());
      long compilers = ProcessCpu.compilerMicros(mesh.processorPid());
      LoadClient.Run run = client.run(duration, Long.MAX_VALUE);
      double requests = Math.max(1, run.requests());
      return new Slice(
          run.requests(),
          run.failures(),
          run.perSecond(),
          (ProcessCpu.micros(pid) - envoy) / requests,
          (ProcessCpu.micros(mesh.processorPid()) - processor) / requests,
          (ProcessCpu.compilerMicros(mesh.processorPid()) - compilers) / requests,
          micros(run.latencies().quantile(0.50)),
          micros(run.latencies().quantile(0.99)));
    }
  }

  private static double micros(Duration duration) {
    return duration.toNanos() / 1e3;
  }
}
