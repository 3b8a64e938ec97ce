package io.zenmesh.controlplane.audit;

/** Events could not be put on record in time: what depends on them must not be done. */
public final class AuditUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AuditUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
