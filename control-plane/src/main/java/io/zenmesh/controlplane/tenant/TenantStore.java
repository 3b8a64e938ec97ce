package io.zenmesh.controlplane.tenant;

/**
 * Where tenants are kept. Every call is for the tenant of {@link TenantContext}, and fails outside
 * of one. Thread-safe.
 */
public interface TenantStore {
  /** Whether the tenant of the context is there. */
  boolean exists();
}
