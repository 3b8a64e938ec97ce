package io.zenmesh.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Processor time of a process, user and system, from {@code /proc/PID/stat}. */
final class ProcessCpu {
  /** The kernel's USER_HZ, 100 on every Linux that Envoy is built for. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final Pattern COMPILER = Pattern.compile("\\(C[12] Compiler");
  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  private ProcessCpu() {}

  /** Microseconds since the process started; granularity 10 ms. */
  static long micros(long pid) {
    try {
      return parse(
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + ": no CPU time", e);
    }
  }

  /** What of it the JVM's compilers took. */
  static long compilerMicros(long pid) {
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      return threads
          .map(ProcessCpu::stat)
          .filter(stat -> COMPILER.matcher(stat).find())
          .mapToLong(ProcessCpu::parse)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + ": no threads", e);
    }
  }

  /** Empty for a thread that has ended meanwhile. */
  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  static long parse(String stat) {
    // The second field is the name in brackets and may itself hold brackets and blanks.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
    return ticks * MICROS_PER_TICK;
  }
}
