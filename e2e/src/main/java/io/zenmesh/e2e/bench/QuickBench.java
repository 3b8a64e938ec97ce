package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.bench.BenchMesh.Arm;
import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.EnvoyBinary;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.Progress;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./zen bench quick}: what verification, replay protection and the gate cost a request, as a
 * ratio to an Envoy that only reads the body.
 *
 * <p>Exit status 0 when all answers were 200 and the processor kept its budget, 1 otherwise.
 */
@Command(
    name = "bench quick",
    mixinStandardHelpOptions = true,
    description = "Measures the full pipeline against plain Envoy; takes about a minute.")
public final class QuickBench implements Callable<Integer> {
  private static final int CONNECTIONS = 32;
  private static final int BODY_BYTES = 1024;
  private static final int PREPARED_PER_SECOND = 40_000;
  private static final int WARM_SLICES = 12;
  private static final Duration WARM = Duration.ofSeconds(6);
  private static final double COMPILED = 0.01;
  private static final Duration SINGLE = Duration.ofSeconds(2);

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
    System.exit(new CommandLine(new QuickBench()).execute(arguments));
  }

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
        delete(directory);
      }
    }
  }

  private int measure(BenchMesh mesh) throws IOException {
    Machine machine = new Machine();
    List<Arm> arms = List.of(mesh.plain(), mesh.full());
    System.out.println(
        "machine: " + machine.describe() + ", Envoy " + EnvoyBinary.find().version());
    System.out.println(
        "1 KiB bodies, scheme zen, "
            + CONNECTIONS
            + " connections without TLS and no access log in both arms; Redis over TLS 1.3 with"
            + " client certificate; slices of "
            + seconds
            + " s");
    try (SecretBytes secret = mesh.secret()) {
      SignedHeads heads =
          new SignedHeads(
              secret,
              BenchMesh.ENDPOINT.host(),
              BenchMesh.ENDPOINT.path(),
              new byte[BODY_BYTES],
              InstantSource.system());
      for (Arm arm : arms) {
        warm(mesh, arm, heads);
      }
      BenchReport report = rounds(mesh, arms, heads);
      System.out.print(report.render());
      System.out.println(machine.disturbance());
      return report.passed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** Until the processor's compilers rest: what they do is not the price of a request. */
  private static void warm(BenchMesh mesh, Arm arm, SignedHeads heads) throws IOException {
    double share = 1;
    for (int slice = 0; slice < WARM_SLICES && share > COMPILED; slice++) {
      heads.prepare(PREPARED_PER_SECOND * Math.toIntExact(WARM.toSeconds()));
      long before = ProcessCpu.compilerMicros(mesh.processorPid());
      Slice unused = load(mesh, arm, heads, CONNECTIONS, WARM, Long.MAX_VALUE);
      long spent = ProcessCpu.compilerMicros(mesh.processorPid()) - before;
      share = spent / (double) TimeUnit.SECONDS.toMicros(WARM.toSeconds());
    }
    System.out.printf(
        "warm: %s, its compilers then took %.1f %% of a core%n", arm.name(), share * 100);
  }

  private BenchReport rounds(BenchMesh mesh, List<Arm> arms, SignedHeads heads) throws IOException {
    List<Slice> plain = new ArrayList<>();
    List<Slice> full = new ArrayList<>();
    Random order = new Random(1);
    for (int round = 0; round < rounds; round++) {
      List<Arm> shuffled = new ArrayList<>(arms);
      Collections.shuffle(shuffled, order);
      for (Arm arm : shuffled) {
        heads.prepare(PREPARED_PER_SECOND * seconds);
        Slice slice =
            load(mesh, arm, heads, CONNECTIONS, Duration.ofSeconds(seconds), Long.MAX_VALUE);
        (arm.name().equals("plain") ? plain : full).add(slice);
      }
    }
    double[] single = new double[2];
    for (int i = 0; i < single.length; i++) {
      heads.prepare(PREPARED_PER_SECOND);
      single[i] = load(mesh, arms.get(i), heads, 1, SINGLE, Long.MAX_VALUE).p50Micros();
    }
    return new BenchReport(plain, full, single[1] - single[0]);
  }

  private static Slice load(
      BenchMesh mesh, Arm arm, SignedHeads heads, int connections, Duration longest, long most)
      throws IOException {
    try (LoadClient client = new LoadClient(arm.port(), connections, heads)) {
      long envoy = ProcessCpu.micros(arm.pid());
      long processor = ProcessCpu.micros(mesh.processorPid());
      LoadClient.Run run = client.run(longest, most);
      double requests = Math.max(1, run.requests());
      return new Slice(
          run.requests(),
          run.failures(),
          run.perSecond(),
          (ProcessCpu.micros(arm.pid()) - envoy) / requests,
          (ProcessCpu.micros(mesh.processorPid()) - processor) / requests,
          micros(run.latencies().quantile(0.50)),
          micros(run.latencies().quantile(0.99)));
    }
  }

  private static double micros(Duration duration) {
    return duration.toNanos() / 1e3;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
