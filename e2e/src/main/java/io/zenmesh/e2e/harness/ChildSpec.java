package io.zenmesh.e2e.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How to start one process.
 *
 * @param name unique within a mesh; names its log and its note under {@code run/}
 * @param command program and arguments; never holds a secret
 * @param marker a text that the running process's command line contains (some programs rewrite it)
 * @param environment added to the few variables every child gets (PATH, HOME, LANG, TZ, TMPDIR,
 *     LC_ALL)
 * @param log where output goes, appended
 * @param stop the signal that asks for an orderly end
 * @param grace how long an orderly end may take before SIGKILL
 * @param wave when it is ended
 * @param afterStop run when it has ended in order on the stop signal, not when it was killed
 */
public record ChildSpec(
    String name,
    List<String> command,
    String marker,
    Map<String, String> environment,
    Path log,
    StopSignal stop,
    Duration grace,
    Wave wave,
    Runnable afterStop) {

  /** The signal that asks a process to end in order. */
  public enum StopSignal {
    TERM,
    /** PostgreSQL's fast shutdown: does not wait for clients to leave. */
    INT
  }

  /** When a process is ended; those of one wave are ended at the same time. */
  public enum Wave {
    FIRST,
    /** What the others need to end in order: the stores. */
    LAST
  }

  public ChildSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /** A process that ends on SIGTERM within ten seconds and keeps its command line. */
  public static ChildSpec of(String name, List<String> command, Path log) {
    String marker = command.get(command.size() - 1);
    return new ChildSpec(
        name,
        command,
        marker,
        Map.of(),
        log,
        StopSignal.TERM,
        Duration.ofSeconds(10),
        Wave.FIRST,
        () -> {});
  }

  public ChildSpec withMarker(String text) {
    return new ChildSpec(name, command, text, environment, log, stop, grace, wave, afterStop);
  }

  public ChildSpec withEnvironment(Map<String, String> variables) {
    return new ChildSpec(name, command, marker, variables, log, stop, grace, wave, afterStop);
  }

  public ChildSpec withStop(StopSignal signal, Duration longest) {
    return new ChildSpec(name, command, marker, environment, log, signal, longest, wave, afterStop);
  }

  public ChildSpec withAfterStop(Runnable action) {
    return new ChildSpec(name, command, marker, environment, log, stop, grace, wave, action);
  }

  public ChildSpec withWave(Wave other) {
    return new ChildSpec(name, command, marker, environment, log, stop, grace, other, afterStop);
  }
}
