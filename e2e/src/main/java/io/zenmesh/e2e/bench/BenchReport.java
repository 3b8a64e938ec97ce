package io.zenmesh.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleBiFunction;

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
    return perRound(arm, (own, plain) -> own.perSecond() / plain.perSecond());
  }

  private Optional<Medians> perRound(ArmResult arm, ToDoubleBiFunction<Slice, Slice> figure) {
    return plainBeside(arm)
        .map(plain -> {
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < Math.min(plain.slices().size(), arm.slices().size()); i++) {
            ratios.add(figure.applyAsDouble(arm.slices().get(i), plain.slices().get(i)));
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
    return failures().isEmpty() && arms.stream().allMatch(this::keepsBudget);
  }

  /**
   * The processor's time for a request at the speed of the machine that the budgets were set on,
   * which is told by what plain Envoy takes in the same round (docs/adr/0020). Empty for a plain
   * arm.
   */
  Optional<Medians> atReferenceSpeed(ArmResult arm) {
    return perRound(
        arm,
        (own, plain) -> own.processorMicros() / plain.envoyMicros() * ArmPlan.PLAIN_ENVOY_MICROS);
  }

  private boolean keepsBudget(ArmResult arm) {
    Optional<Medians> micros = atReferenceSpeed(arm);
    return arm.plan().budgetMicros().isEmpty()
        || micros.isPresent() && micros.get().median() <= arm.plan().budgetMicros().getAsDouble();
  }

  String render() {
    StringBuilder out = new StringBuilder();
    line(
        out,
        "arm",
        "req/s",
        "/ plain",
        "Envoy us",
        "processor us",
        "of it JIT",
        "at reference",
        "budget",
        "p50 / p99 us");
    arms.forEach(arm -> figures(out, arm));
    out.append(
        String.format(
            Locale.ROOT,
            """
            medians [lowest..highest] of %d slices; us: processor time a request, user and system
            / plain: requests a second over the plain arm's of the same bodies
            at reference: the processor's us where plain Envoy takes %.1f us, as where the budgets \
            were set
            """,
            arms.getFirst().slices().size(),
            ArmPlan.PLAIN_ENVOY_MICROS));
    arms.forEach(arm -> added(out, arm));
    if (!failures().isEmpty()) {
      out.append("NOT VALID, answers other than 200: ").append(failures()).append('\n');
    }
    return out.toString();
  }

  private void figures(StringBuilder out, ArmResult arm) {
    OptionalDouble budget = arm.plan().budgetMicros();
    line(
        out,
        arm.plan().name(),
        spread("%.0f", arm.figures(Slice::perSecond)),
        ratio(arm).map(ratio -> spread("%.3f", ratio)).orElse(""),
        spread("%.1f", arm.figures(Slice::envoyMicros)),
        arm.plan().verified() ? spread("%.1f", arm.processorMicros()) : "",
        arm.plan().verified()
            ? String.format(Locale.ROOT, "%.1f", arm.figures(Slice::compilerMicros).median())
            : "",
        atReferenceSpeed(arm).map(micros -> spread("%.1f", micros)).orElse(""),
        budget.isPresent()
            ? String.format(Locale.ROOT, "<= %.0f ", budget.getAsDouble())
                + (keepsBudget(arm) ? "kept" : "MISSED")
            : "",
        String.format(
            Locale.ROOT,
            "%.0f / %.0f",
            arm.figures(Slice::p50Micros).median(),
            arm.figures(Slice::p99Micros).median()));
  }

  private static void line(StringBuilder out, Object... cells) {
    out.append(
        String.format(Locale.ROOT, "%-10s %-20s %-20s %-20s %-19s %-10s %-19s %-12s %s%n", cells));
  }

  private void added(StringBuilder out, ArmResult arm) {
    plainBeside(arm)
        .filter(plain -> plain.singleMicros().isPresent() && arm.singleMicros().isPresent())
        .ifPresent(plain ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "%s: added latency at 1 connection, p50: %.0f us%n",
                    arm.plan().name(),
                    arm.singleMicros().getAsDouble() - plain.singleMicros().getAsDouble())));
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
