package io.zenmesh.controlplane.audit;

/** The record is not the one that a checkpoint vouches for; its message says what to do. */
public final class AuditBrokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AuditBrokenException(String message) {
    super(message);
  }
}
