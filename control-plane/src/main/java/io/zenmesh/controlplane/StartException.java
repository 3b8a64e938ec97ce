package io.zenmesh.controlplane;

/** The process cannot start; its message is what the operator sees, one line for each problem. */
final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private StartException(String message, int exitCode, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** Something outside is not as it must be. */
  static StartException failed(String message, Throwable cause) {
    return new StartException(message, Main.FAILED, cause);
  }

  /** What was asked for is wrong. */
  static StartException usage(String message) {
    return new StartException(message, Main.USAGE, new IllegalArgumentException(message));
  }

  int exitCode() {
    return exitCode;
  }
}
