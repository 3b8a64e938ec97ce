package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;

/** Where tenants are kept. Thread-safe. */
public interface TenantStore {
  /** Whether the tenant of {@link TenantContext} is there; fails outside of one. */
  boolean exists();

  /**
   * Names of all tenants in their order: for operators only.
   *
   * @param after the name to go on behind
   */
  List<Name> names(Optional<Name> after, int limit);
}
