package io.zenmesh.controlplane.custody;

/**
 * A sealed secret does not open: another key, another place, or changed bytes. Which of them is not
 * said, and cannot be told.
 */
public final class SealBrokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SealBrokenException(String message) {
    super(message);
  }

  public SealBrokenException(String message, Throwable cause) {
    super(message, cause);
  }
}
