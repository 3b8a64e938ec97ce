package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Owns every process of a mesh: what it starts, it ends.
 *
 * <p>Closing ends the processes wave by wave, the stores last. A shutdown hook closes it when the
 * JVM ends by a signal; after {@code kill -9} the notes under {@code run/} let the {@link Reaper}
 * do it at the next start. Safe for use by several threads.
 */
public final class Supervisor implements AutoCloseable {
  private final Path runDirectory;
  private final Deque<ChildProcess> children = new ArrayDeque<>();
  private final Object ending = new Object();
  private final Thread hook;
  private boolean closed;

  /** Reaps what is left over in {@code runDirectory}, then is ready to start processes. */
  public Supervisor(Path runDirectory) {
    this(runDirectory, reaped -> {});
  }

  /**
   * @param onReaped told the name of each left-over process that was ended
   */
  public Supervisor(Path runDirectory, Consumer<String> onReaped) {
    this.runDirectory = runDirectory;
    Reaper.reap(runDirectory).forEach(onReaped);
    hook = new Thread(this::endAll, "zen-supervisor-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts a process.
   *
   * @throws HarnessException when the program cannot be run or the supervisor is closed
   */
  public ChildProcess start(ChildSpec spec) {
    synchronized (children) {
      if (closed) {
        throw new HarnessException(spec.name() + ": not started, the mesh is being stopped");
      }
      ChildProcess child = ChildProcess.start(spec, runDirectory);
      children.removeIf(c -> c.name().equals(spec.name()) && !c.isAlive());
      children.addLast(child);
      return child;
    }
  }

  /**
   * Runs a program that ends by itself within a minute; ended earlier when the supervisor is
   * closed. Output and errors come back together.
   *
   * @param name unique within a mesh
   * @param command program and arguments; the last one tells the process from others
   * @throws HarnessException when it cannot be run, does not end or the supervisor is closed
   */
  Programs.Outcome run(String name, List<String> command) {
    Path output = runDirectory.resolve(name + ".out");
    try (ChildProcess child = start(ChildSpec.of(name, command, output))) {
      int status =
          Eventually.get(
              name,
              Programs.LONGEST,
              () ->
                  child
                      .exitStatus()
                      .map(Eventually.Found::value)
                      .orElseGet(() -> Eventually.Found.instead("runs")));
      return new Programs.Outcome(status, child.output().strip());
    } finally {
      delete(output);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be deleted", e);
    }
  }

  /** The processes that run now, in the order of their start. */
  public List<ChildProcess> running() {
    synchronized (children) {
      return children.stream().filter(ChildProcess::isAlive).toList();
    }
  }

  /** Whether it ends its processes, or has ended them. */
  public boolean isEnding() {
    synchronized (children) {
      return closed;
    }
  }

  @Override
  public void close() {
    endAll();
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook has run or runs now; there is nothing to take back.
      return;
    }
  }

  /** The second caller returns when the first has ended everything. */
  private void endAll() {
    synchronized (ending) {
      List<ChildProcess> all;
      synchronized (children) {
        closed = true;
        all = List.copyOf(children.reversed());
        children.clear();
      }
      HarnessException failure = new HarnessException("mesh: cannot be stopped whole");
      for (ChildSpec.Wave wave : ChildSpec.Wave.values()) {
        end(all.stream().filter(child -> child.wave() == wave).toList(), failure);
      }
      if (failure.getSuppressed().length > 0) {
        throw failure;
      }
    }
  }

  private static void end(List<ChildProcess> wave, HarnessException failure) {
    List<Thread> threads =
        wave.stream().map(child -> Thread.ofVirtual().start(() -> end(child, failure))).toList();
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end(ChildProcess child, HarnessException failure) {
    try {
      child.stop();
    } catch (HarnessException e) {
      failure.addSuppressed(e);
    }
  }
}
