package io.zenmesh.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Renders what a benchmark measured. Pure.
 *
 * @param arms in the order of the report; each verified one is compared with the plain one whose
 *     bodies have its size
 */
record BenchReport(List<ArmResult> arms) {
  BenchReport {
    arms = List.copyOf(arms);
  }

  /** Throughput over the plain arm's, round by round; empty for a plain arm. */
  Optional<Medians> ratio(ArmResult arm) {
    return plainBeside(arm)
        .map(plain -> {
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < Math.min(plain.slices().size(), arm.slices().size()); i++) {
            ratios.add(arm.slices().get(i).perSecond() / plain.slices().get(i).perSecond());
          }
          return Medians.of(ratios);
        });
  }

  private Optional<ArmResult> plainBeside(ArmResult arm) {
    return arms.stream()
        .filter(other -> arm.plan().verified() && !other.plan().verified())
        .filter(other -> other.plan().bodyBytes() == arm.plan().bodyBytes())
        .findFirst();
  }

  /** Answers other than 200 in all slices, by status; a valid measurement has none. */
  Map<String, Integer> failures() {
    Map<String, Integer> failures = new TreeMap<>();
    arms.stream()
        .flatMap(arm -> arm.slices().stream())
        .forEach(slice ->
            slice.failures().forEach((status, n) -> failures.merge(status, n, Integer::sum)));
    return failures;
  }

  /** Whether every answer was 200 and each arm kept its budget. */
  boolean passed() {
    return failures().isEmpty() && arms.stream().allMatch(ArmResult::withinBudget);
  }

  String render() {
    StringBuilder out = new StringBuilder();
    out.append(
        "arm        req/s               Envoy us/req         processor us/req  p50 / p99 us\n");
    arms.forEach(arm -> figures(out, arm));
    arms.forEach(arm -> verdict(out, arm));
    if (!failures().isEmpty()) {
      out.append("NOT VALID, answers other than 200: ").append(failures()).append('\n');
    }
    return out.toString();
  }

  private static void figures(StringBuilder out, ArmResult arm) {
    out.append(
        String.format(
            Locale.ROOT,
            "%-10s %-19s %-20s %-17s %.0f / %.0f%n",
            arm.plan().name(),
            spread("%.0f", arm.figures(Slice::perSecond)),
            spread("%.1f", arm.figures(Slice::envoyMicros)),
            spread("%.1f", arm.processorMicros()),
            arm.figures(Slice::p50Micros).median(),
            arm.figures(Slice::p99Micros).median()));
  }

  private void verdict(StringBuilder out, ArmResult arm) {
    String name = arm.plan().name();
    ratio(arm)
        .ifPresent(ratio ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "%s / plain req/s: %s, median of %d rounds%n",
                    name,
                    spread("%.3f", ratio),
                    arm.slices().size())));
    plainBeside(arm)
        .filter(plain -> plain.singleMicros().isPresent() && arm.singleMicros().isPresent())
        .ifPresent(plain ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "%s: added latency at 1 connection, p50: %.0f us%n",
                    name,
                    arm.singleMicros().getAsDouble() - plain.singleMicros().getAsDouble())));
    arm.plan()
        .budgetMicros()
        .ifPresent(budget ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "%s: processor CPU %.1f us a request, budget %.0f: %s%n",
                    name,
                    arm.processorMicros().median(),
                    budget,
                    arm.withinBudget() ? "kept" : "MISSED")));
  }

  private static String spread(String format, Medians medians) {
    return String.format(
        Locale.ROOT,
        format + " [" + format + ".." + format + "]",
        medians.median(),
        medians.lowest(),
        medians.highest());
  }
}
