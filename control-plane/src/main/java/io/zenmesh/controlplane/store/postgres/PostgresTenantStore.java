package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps tenants in PostgreSQL. */
final class PostgresTenantStore implements TenantStore {
  private final TenantTx tenants;
  private final FleetRows fleet;

  PostgresTenantStore(TenantTx tenants, FleetRows fleet) {
    this.tenants = tenants;
    this.fleet = fleet;
  }

  @Override
  public List<Name> names(Optional<Name> after, int limit) {
    return fleet.tenants().stream()
        .filter(it -> after.isEmpty() || it.compareTo(after.get()) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public Map<Name, Retention> retentions() {
    return fleet.retentions();
  }

  @Override
  public Optional<Retention> retention() {
    return Optional.ofNullable(tenants.here(VisibleRows::retentions).get(TenantContext.required()));
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
