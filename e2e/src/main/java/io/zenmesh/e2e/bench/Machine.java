package io.zenmesh.e2e.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The machine a benchmark ran on, and how much of it others took meanwhile. */
final class Machine {
  private static final int STEAL_FIELD = 8;

  private final long[] cpuAtStart = cpu();

  /** One line: processors, model, kernel, JDK. */
  String describe() {
    String model =
        lines("/proc/cpuinfo").stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch", "unknown"));
    return Runtime.getRuntime().availableProcessors()
        + " x "
        + model
        + ", Linux "
        + System.getProperty("os.version", "unknown")
        + ", JDK "
        + System.getProperty("java.version", "unknown");
  }

  /** Load averages, and the share of processor time stolen by the hypervisor since the start. */
  String disturbance() {
    long[] now = cpu();
    long total = 0;
    for (int i = 1; i < now.length; i++) {
      total += now[i] - cpuAtStart[i];
    }
    double steal = total == 0 ? 0 : 100.0 * (now[STEAL_FIELD] - cpuAtStart[STEAL_FIELD]) / total;
    String load = lines("/proc/loadavg").stream().findFirst().orElse("unknown");
    return String.format(Locale.ROOT, "steal %.1f %%, load average %s", steal, load);
  }

  private static long[] cpu() {
    long[] times = new long[STEAL_FIELD + 1];
    String[] fields = lines("/proc/stat").stream().findFirst().orElse("cpu").strip().split("\\s+");
    for (int i = 1; i < Math.min(fields.length, times.length); i++) {
      times[i] = Long.parseLong(fields[i]);
    }
    return times;
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      return List.of();
    }
  }
}
