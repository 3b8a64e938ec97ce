package io.zenmesh.controlplane.custody;

/** There is no such tenant. */
public final class UnknownTenantException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownTenantException() {
    super("tenant: unknown (expected: a tenant of the mesh)");
  }
}
