package io.zenmesh.e2e.harness;

/** A process of the mesh that a test may end and start again. */
public abstract sealed class Restartable implements AutoCloseable
    permits ControlPlaneProcess, ExtProcProcess, EmbeddedPostgres, EmbeddedRedis {
  private volatile ChildProcess process;

  Restartable(ChildProcess first) {
    this.process = first;
  }

  /** Starts the process as it is to be now; does not wait. */
  abstract ChildProcess launch();

  /** Stops it when it runs, and starts it again; does not wait until it is ready. */
  public final void relaunch() {
    process.stop();
    process = launch();
  }

  /** The one that runs, or ran last. */
  public final ChildProcess process() {
    return process;
  }

  /** SIGKILL. */
  public final void kill() {
    process.kill();
  }

  public final void stop() {
    process.stop();
  }

  @Override
  public final void close() {
    stop();
  }
}
