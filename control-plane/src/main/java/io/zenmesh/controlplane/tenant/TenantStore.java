package io.zenmesh.controlplane.tenant;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where tenants are kept. Thread-safe. */
public interface TenantStore {
  /** Whether the tenant of {@link TenantContext} is there; fails outside of one. */
  boolean exists();

  /** For how long its audit entries stay, when it is stated; fails outside of a context. */
  Optional<Retention> retention();

  /** The same of all tenants that state it: for operators only. */
  Map<Name, Retention> retentions();

  /**
   * Names of all tenants in their order: for operators only.
   *
   * @param after the name to go on behind
   */
  List<Name> names(Optional<Name> after, int limit);
}
