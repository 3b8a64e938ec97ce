package io.zenmesh.controlplane.custody;

/**
 * Custody cannot work: no keyset, an unreadable one, or not the one the database was sealed with.
 */
public final class CustodyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CustodyException(String message) {
    super(message);
  }

  public CustodyException(String message, Throwable cause) {
    super(message, cause);
  }
}
