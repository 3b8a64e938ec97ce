package io.zenmesh.e2e.bench;

import io.zenmesh.extproc.signature.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How long the catalogue takes in a JVM that has never seen it: the median of five. */
public final class CatalogueLoad {
  private static final int TIMES = 5;
  private static final double NANOS_PER_MILLI = 1e6;

  private CatalogueLoad() {}

  /** The child: prints the milliseconds until it is open, until one scheme and until all. */
  public static void main(String[] arguments) {
    long start = System.nanoTime();
    Catalogue catalogue = Catalogue.bundled();
    long open = System.nanoTime();
    if (catalogue.find("github").isEmpty()) {
      throw new IllegalStateException("github: missing (expected: in the catalogue)");
    }
    long one = System.nanoTime();
    int count = catalogue.schemes().size();
    long all = System.nanoTime();
    System.out.printf(
        Locale.ROOT,
        "%d %.1f %.1f %.1f%n",
        count,
        (open - start) / NANOS_PER_MILLI,
        (one - start) / NANOS_PER_MILLI,
        (all - start) / NANOS_PER_MILLI);
  }

  /** One line for people. */
  static String measure() throws IOException, InterruptedException {
    double[][] runs = new double[TIMES][];
    for (int i = 0; i < TIMES; i++) {
      runs[i] = child();
    }
    return String.format(
        Locale.ROOT,
        "catalogue of %.0f schemes in a new JVM: open %.0f ms, one scheme %.0f ms, all %.0f ms"
            + " (budget: all <= 200 ms)",
        runs[0][0],
        median(runs, 1),
        median(runs, 2),
        median(runs, 3));
  }

  private static double[] child() throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:-UsePerfData",
                    "-cp",
                    System.getProperty("java.class.path"),
                    CatalogueLoad.class.getName()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (child.waitFor() != 0) {
      throw new IOException("catalogue: the child ended with " + child.exitValue());
    }
    String[] words = line.strip().split(" ", -1);
    double[] numbers = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Double.parseDouble(words[i]);
    }
    return numbers;
  }

  private static double median(double[][] runs, int column) {
    double[] values = new double[runs.length];
    for (int i = 0; i < runs.length; i++) {
      values[i] = runs[i][column];
    }
    java.util.Arrays.sort(values);
    return values[values.length / 2];
  }
}
