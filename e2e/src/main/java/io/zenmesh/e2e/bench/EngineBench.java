package io.zenmesh.e2e.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
    description = "Measures the signature engine alone with JMH; takes about four minutes.")
public final class EngineBench implements Callable<Integer> {
  /** Of the time of a bare keyed hash; the budget for {@code github} at 1 KiB. */
  private static final double BUDGET = 1.15;

  private static final String BARE = "bareMac";
  private static final String VERIFY = "verify";
  private static final String READ_ONLY = "verifyReadOnly";

  @Option(
      names = "--iterations",
      defaultValue = "5",
      description = "Measured iterations of a second (default ${DEFAULT-VALUE})")
  private int iterations;

  @Option(
      names = "--scheme",
      split = ",",
      defaultValue = "github,stripe,standard-webhooks,zen",
      description = "Default: ${DEFAULT-VALUE}")
  private List<String> schemes = List.of();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EngineBench()).execute(arguments));
  }

  @Override
  public Integer call() throws RunnerException, IOException, InterruptedException {
    String cold = CatalogueLoad.measure();
    String format = "%-18s %8s  %-10s %12s %8s %10s%n";
    System.out.println(cold);
    System.out.printf(Locale.ROOT, format, "scheme", "bytes", "body", "ns", "ratio", "B/op");
    for (String scheme : schemes) {
      for (int bytes : new int[] {1024, 65_536}) {
        RunResult bare = run(scheme, bytes, BARE);
        print(format, scheme, bytes, "bare Mac", bare, bare);
        print(format, scheme, bytes, "array", run(scheme, bytes, VERIFY), bare);
        if (scheme.equals("github")) {
          print(format, scheme, bytes, "read-only", run(scheme, bytes, READ_ONLY), bare);
        }
      }
    }
    System.out.printf(Locale.ROOT, "budget: github at 1024 bytes, array: ratio <= %.2f%n", BUDGET);
    return 0;
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

  private static void print(
      String format, String scheme, int bytes, String body, RunResult result, RunResult bare) {
    double ns = result.getPrimaryResult().getScore();
    double allocated =
        result.getSecondaryResults().entrySet().stream()
            .filter(entry -> entry.getKey().endsWith("gc.alloc.rate.norm"))
            .mapToDouble(entry -> entry.getValue().getScore())
            .findFirst()
            .orElse(Double.NaN);
    System.out.printf(
        Locale.ROOT,
        format,
        scheme,
        bytes,
        body,
        "%.0f".formatted(ns),
        "%.2f".formatted(ns / bare.getPrimaryResult().getScore()),
        "%.0f".formatted(allocated));
  }
}
