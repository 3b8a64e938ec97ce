package io.zenmesh.e2e.harness;

import io.zenmesh.e2e.harness.Eventually.Found;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One running process of the mesh, with its log.
 *
 * <p>Started through a {@link Supervisor}, which ends it at the latest when it is closed itself.
 * Runs in its own session, so that Ctrl-C on the terminal reaches only the supervisor. Safe for use
 * by several threads.
 */
public final class ChildProcess implements AutoCloseable {
  private static final int TAIL_BYTES = 8_192;
  private static final int TAIL_LINES = 25;
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TZ");
  private static final Duration KILL_WAIT = Duration.ofSeconds(5);

  private final ChildSpec spec;
  private final Process process;
  private final long logStart;
  private final Path note;

  private ChildProcess(ChildSpec spec, Process process, long logStart, Path note) {
    this.spec = spec;
    this.process = process;
    this.logStart = logStart;
    this.note = note;
  }

  static ChildProcess start(ChildSpec spec, Path runDirectory) {
    try {
      StateDirectory.createPrivate(
          Optional.ofNullable(spec.log().getParent()).orElse(Path.of(".")));
      long logStart = Files.exists(spec.log()) ? Files.size(spec.log()) : 0;
      ProcessBuilder builder = new ProcessBuilder(Programs.inOwnSession(spec.command()));
      Map<String, String> environment = builder.environment();
      environment.keySet().retainAll(INHERITED);
      environment.put("TMPDIR", System.getProperty("java.io.tmpdir"));
      environment.put("LC_ALL", "C.UTF-8"); // or a JVM opens no file whose name is not ASCII
      environment.putAll(spec.environment());
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      Process process = builder.start();
      RunFile note =
          new RunFile(
              spec.name(),
              process.pid(),
              RunFile.startToken(process.pid()).orElse("gone"),
              spec.marker());
      note.write(runDirectory);
      return new ChildProcess(spec, process, logStart, RunFile.path(runDirectory, spec.name()));
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": cannot be started", e);
    }
  }

  public String name() {
    return spec.name();
  }

  ChildSpec.Wave wave() {
    return spec.wave();
  }

  public long pid() {
    return process.pid();
  }

  public Path log() {
    return spec.log();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes when the process has ended, however it came. */
  public CompletableFuture<ChildProcess> onExit() {
    return process.onExit().thenApply(p -> this);
  }

  /** The exit status; empty while it runs. */
  public Optional<Integer> exitStatus() {
    return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
  }

  /**
   * Waits for a line of this run's log that contains a match.
   *
   * @throws HarnessException when the process ends first or the time is over, with the log's end
   */
  public MatchResult awaitLine(Pattern line, Duration timeout) {
    return await(
        "ready line",
        timeout,
        () -> {
          var matcher = line.matcher(output());
          return matcher.find()
              ? Found.value(matcher.toMatchResult())
              : Found.instead("no line " + line.pattern());
        });
  }

  /**
   * Waits for something this process has to do.
   *
   * @throws HarnessException when the process ends first or the time is over, with the log's end
   */
  public <T> T await(String what, Duration timeout, Eventually.Probe<T> probe) {
    try {
      return Eventually.get(
          name() + ": " + what,
          timeout,
          () -> process.isAlive() ? probe.look() : new Found.Never<>(ended(what)));
    } catch (HarnessException e) {
      throw e.detail().isEmpty() ? new HarnessException(e.getMessage(), logTail()) : e;
    }
  }

  /** What this run has written so far (at most the last mebibyte). */
  public String output() {
    return read(Math.max(logStart, logSize() - (1 << 20)));
  }

  /** The last lines of this run's log. */
  public String logTail() {
    List<String> lines = read(Math.max(logStart, logSize() - TAIL_BYTES)).lines().toList();
    List<String> tail = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    return String.join("\n", tail.stream().map(line -> "  | " + line).toList());
  }

  /** Ends it in order, by SIGKILL when the grace is over, and returns when it is gone. */
  public void stop() {
    if (process.isAlive()) {
      switch (spec.stop()) {
        case TERM -> process.destroy();
        case INT -> Programs.signal("INT", process.pid());
      }
      if (exitedWithin(spec.grace())) {
        spec.afterStop().run();
      } else {
        kill();
      }
    }
    forget();
  }

  /** SIGKILL, and returns when it is gone. */
  public void kill() {
    process.destroyForcibly();
    if (!exitedWithin(KILL_WAIT)) {
      throw new HarnessException(name() + ": process " + pid() + " does not end on SIGKILL");
    }
    forget();
  }

  /** SIGSTOP: it keeps its sockets and answers nothing. */
  public void pause() {
    Programs.signal("STOP", pid());
  }

  /** SIGCONT. */
  public void resume() {
    Programs.signal("CONT", pid());
  }

  @Override
  public void close() {
    stop();
  }

  private HarnessException ended(String what) {
    return new HarnessException(
        name() + ": ended with status " + process.exitValue() + " (expected: " + what + ")",
        logTail());
  }

  private boolean exitedWithin(Duration longest) {
    boolean interrupted = false;
    try {
      long deadline = System.nanoTime() + longest.toNanos();
      while (true) {
        try {
          return process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void forget() {
    try {
      Files.deleteIfExists(note);
    } catch (IOException e) {
      throw new HarnessException(name() + ": " + note + " cannot be deleted", e);
    }
  }

  private long logSize() {
    try {
      return Files.size(spec.log());
    } catch (IOException e) {
      return 0;
    }
  }

  private String read(long from) {
    try (RandomAccessFile file = new RandomAccessFile(spec.log().toFile(), "r")) {
      file.seek(Math.min(from, file.length()));
      byte[] bytes = new byte[(int) (file.length() - file.getFilePointer())];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
