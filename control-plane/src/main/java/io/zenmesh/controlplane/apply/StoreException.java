package io.zenmesh.controlplane.apply;

/** The store cannot be reached or refuses a change. Its message is one line and names no data. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
