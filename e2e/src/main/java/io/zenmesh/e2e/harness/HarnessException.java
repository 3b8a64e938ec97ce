package io.zenmesh.e2e.harness;

/**
 * A part of the mesh could not be started or used; the message is one line an operator can act on,
 * {@link #detail()} is what to show below it.
 */
public final class HarnessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String detail;

  public HarnessException(String message) {
    this(message, "");
  }

  /**
   * @param detail the end of a log, or empty; never holds a secret
   */
  public HarnessException(String message, String detail) {
    super(message);
    this.detail = detail;
  }

  public HarnessException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
    this.detail = "";
  }

  /** The lines below the message: usually the end of the part's log; empty when there are none. */
  public String detail() {
    return detail;
  }

  /** The message with the detail below it. */
  @Override
  public String toString() {
    return detail.isEmpty() ? getMessage() : getMessage() + System.lineSeparator() + detail;
  }

  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? "" : message;
  }
}
