package io.zenmesh.controlplane.cli;

/** A command cannot go on; its message is the one line the user sees. */
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CliException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Something outside went wrong. */
  static CliException failed(String message) {
    return new CliException(message, Zenctl.FAILED);
  }

  /** The command was called or configured wrongly. */
  static CliException usage(String message) {
    return new CliException(message, Zenctl.USAGE);
  }

  int exitCode() {
    return exitCode;
  }
}
