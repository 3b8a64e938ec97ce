package io.zenmesh.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Renders what a benchmark measured. Pure.
 *
 * @param plain the slices of the plain arm, one a round
 * @param full the slices of the full arm, one a round
 * @param addedMicros the latency that the full arm adds at one connection, p50
 */
record BenchReport(List<Slice> plain, List<Slice> full, double addedMicros) {
  /** What issue 1 allows for the processor, in microseconds a request. */
  static final double BUDGET_MICROS = 30;

  /** What the performance page wants of it. */
  static final double AIM_MICROS = 22;

  BenchReport {
    plain = List.copyOf(plain);
    full = List.copyOf(full);
  }

  /** The processor's time for each accepted request. */
  Medians processorMicros() {
    return figures(full, Slice::processorMicros);
  }

  /** Throughput of the full arm over the plain one, round by round. */
  Medians ratio() {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(plain.size(), full.size()); i++) {
      ratios.add(full.get(i).perSecond() / plain.get(i).perSecond());
    }
    return Medians.of(ratios);
  }

  /** Answers other than 200 in all slices, by status; a valid measurement has none. */
  Map<String, Integer> failures() {
    Map<String, Integer> failures = new TreeMap<>();
    Stream.concat(plain.stream(), full.stream())
        .forEach(slice ->
            slice.failures().forEach((status, n) -> failures.merge(status, n, Integer::sum)));
    return failures;
  }

  /** Whether every answer was 200 and the processor kept its budget. */
  boolean passed() {
    return failures().isEmpty() && processorMicros().median() <= BUDGET_MICROS;
  }

  String render() {
    StringBuilder out = new StringBuilder();
    out.append("arm    req/s               Envoy us/req      processor us/req  p50 / p99 us\n");
    arm(out, "plain", plain);
    arm(out, "full", full);
    out.append(
        String.format(
            Locale.ROOT,
            "full / plain req/s: %.3f [%.3f..%.3f], median of %d rounds%n",
            ratio().median(),
            ratio().lowest(),
            ratio().highest(),
            full.size()));
    out.append(
        String.format(Locale.ROOT, "added latency at 1 connection, p50: %.0f us%n", addedMicros));
    double micros = processorMicros().median();
    out.append(
        String.format(
            Locale.ROOT,
            "processor CPU: %.1f us a request, budget %.0f: %s, aim %.0f: %s%n",
            micros,
            BUDGET_MICROS,
            micros <= BUDGET_MICROS ? "kept" : "MISSED",
            AIM_MICROS,
            micros <= AIM_MICROS ? "reached" : "not yet"));
    if (!failures().isEmpty()) {
      out.append("NOT VALID, answers other than 200: ").append(failures()).append('\n');
    }
    return out.toString();
  }

  private static void arm(StringBuilder out, String name, List<Slice> slices) {
    Medians rate = figures(slices, Slice::perSecond);
    Medians envoy = figures(slices, Slice::envoyMicros);
    Medians processor = figures(slices, Slice::processorMicros);
    out.append(
        String.format(
            Locale.ROOT,
            "%-6s %-19s %-17s %-17s %.0f / %.0f%n",
            name,
            spread("%.0f", rate),
            spread("%.1f", envoy),
            spread("%.1f", processor),
            figures(slices, Slice::p50Micros).median(),
            figures(slices, Slice::p99Micros).median()));
  }

  private static String spread(String format, Medians medians) {
    return String.format(
        Locale.ROOT,
        format + " [" + format + ".." + format + "]",
        medians.median(),
        medians.lowest(),
        medians.highest());
  }

  private static Medians figures(List<Slice> slices, ToDoubleFunction<Slice> figure) {
    return Medians.of(slices.stream().map(figure::applyAsDouble).toList());
  }
}
