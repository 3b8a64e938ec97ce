package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.controlplane.tenant.TenantStore;

/** Keeps tenants in PostgreSQL. */
final class PostgresTenantStore implements TenantStore {
  private final TenantTx tenants;

  PostgresTenantStore(TenantTx tenants) {
    this.tenants = tenants;
  }

  @Override
  public boolean exists() {
    return tenants.here(handle ->
        handle
            .createQuery("select exists (select from tenant where name = :tenant)")
            .bind("tenant", TenantContext.required().value())
            .mapTo(Boolean.class)
            .one());
  }
}
