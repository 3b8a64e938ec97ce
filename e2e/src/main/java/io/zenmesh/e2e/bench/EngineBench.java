package io.zenmesh.e2e.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./zen bench engine}: what one verification costs beside a bare {@code Mac.doFinal} and a
 * comparison, what it allocates, and how long the catalogue takes to load in a new JVM.
 *
 * <p>Exit status 0 when it was measured, whatever the numbers: a machine under load is no error.
 */
@Command(
    name = "bench engine",
    mixinStandardHelpOptions = true,
    description = "Measures the signature engine alone with JMH; takes about seven minutes.")
public final class EngineBench implements Callable<Integer> {
  /** Of the time of a bare keyed hash; the budget for {@code github} at 1 KiB. */
  private static final double BUDGET = 1.15;

  /** One way to verify: its name in the table, and the benchmark. */
  private record Arm(String body, String method) {}

  private static final Arm BARE = new Arm("bare Mac", "bareMac");
  private static final Arm ARRAY = new Arm("array", "verify");
  private static final Arm READ_ONLY = new Arm("read-only", "verifyReadOnly");

  @Option(
      names = "--iterations",
      defaultValue = "3",
      description = "Measured iterations of a second (default ${DEFAULT-VALUE})")
  private int iterations;

  @Option(
      names = "--scheme",
      split = ",",
      defaultValue = "github,stripe,standard-webhooks,zen",
      description = "Default: ${DEFAULT-VALUE}")
  private List<String> schemes = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "Rounds, each in JVMs of its own (default ${DEFAULT-VALUE})")
  private int rounds;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EngineBench()).execute(arguments));
  }

  @Override
  public Integer call() throws RunnerException, IOException, InterruptedException {
    System.out.println(CatalogueLoad.measure());
    row("scheme", "bytes", "body", "ns", "ratio", "B/op");
    for (String scheme : schemes) {
      for (int bytes : new int[] {1024, 65_536}) {
        compare(scheme, bytes);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "medians of %d rounds, ratios within a round [lowest..highest]%n"
            + "budget: github at 1024 bytes, array: ratio <= %.2f%n",
        rounds,
        BUDGET);
    return 0;
  }

  /** Round by round, so that what the machine does otherwise falls on every arm alike. */
  private void compare(String scheme, int bytes) throws RunnerException {
    List<Arm> arms =
        scheme.equals("github") ? List.of(BARE, ARRAY, READ_ONLY) : List.of(BARE, ARRAY);
    Map<Arm, List<RunResult>> results = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Arm arm : arms) {
        results
            .computeIfAbsent(arm, first -> new ArrayList<>())
            .add(run(scheme, bytes, arm.method()));
      }
    }
    List<RunResult> bare = results.getOrDefault(BARE, List.of());
    results.forEach((arm, own) -> {
      Medians ratio =
          Medians.of(
              IntStream.range(0, rounds)
                  .mapToObj(i -> nanoseconds(own.get(i)) / nanoseconds(bare.get(i)))
                  .toList());
      row(
          scheme,
          Integer.toString(bytes),
          arm.body(),
          "%.0f"
              .formatted(Medians.of(own.stream().map(EngineBench::nanoseconds).toList()).median()),
          "%.2f [%.2f..%.2f]".formatted(ratio.median(), ratio.lowest(), ratio.highest()),
          "%.0f".formatted(allocated(own.getLast())));
    });
  }

  private RunResult run(String scheme, int bytes, String method) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + EngineBenchmarks.class.getSimpleName() + "\\." + method + "$")
            .param("scheme", scheme)
            .param("bytes", Integer.toString(bytes))
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(iterations)
            .measurementTime(TimeValue.seconds(1))
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT);
    Collection<RunResult> results = new Runner(options.build()).run();
    return results.iterator().next();
  }

  private static double nanoseconds(RunResult result) {
    return result.getPrimaryResult().getScore();
  }

  private static double allocated(RunResult result) {
    return result.getSecondaryResults().entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
        .mapToDouble(entry -> entry.getValue().getScore())
        .findFirst()
        .orElse(Double.NaN);
  }

  private static void row(
      String scheme, String bytes, String body, String ns, String ratio, String allocated) {
    System.out.printf(
        "%-18s %6s  %-10s %8s  %-18s %8s%n", scheme, bytes, body, ns, ratio, allocated);
  }
}
