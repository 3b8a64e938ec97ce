package io.zenmesh.xds.server;

/** Receipts could not be put on record now. */
public final class ReceiptsUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReceiptsUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
