package io.zenmesh.e2e.bench;

import java.util.Arrays;
import java.util.Collection;

/**
 * The middle of some figures, and how far they spread.
 *
 * @param median the middle one, or the mean of the middle two
 * @param lowest the lowest
 * @param highest the highest
 */
record Medians(double median, double lowest, double highest) {
  /**
   * @throws IllegalArgumentException when there are no figures
   */
  static Medians of(Collection<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("figures: none (expected: at least one)");
    }
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Medians(median, sorted[0], Arrays.stream(sorted).max().orElse(median));
  }
}
