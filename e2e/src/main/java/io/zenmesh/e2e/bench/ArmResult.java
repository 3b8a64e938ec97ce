package io.zenmesh.e2e.bench;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What was measured of one arm.
 *
 * @param plan the arm
 * @param slices one a round, at many connections
 * @param singleMicros the latency at one connection, p50; empty when not asked for
 */
record ArmResult(ArmPlan plan, List<Slice> slices, OptionalDouble singleMicros) {
  ArmResult {
    slices = List.copyOf(slices);
  }

  Medians figures(ToDoubleFunction<Slice> figure) {
    return Medians.of(slices.stream().map(figure::applyAsDouble).toList());
  }

  /** The processor's time for each accepted request. */
  Medians processorMicros() {
    return figures(Slice::processorMicros);
  }
}
