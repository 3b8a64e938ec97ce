package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.SecretStore;
import io.zenmesh.controlplane.custody.UnknownTenantException;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.util.function.Function;

/** Keeps secrets in PostgreSQL, each tenant's within its own context. */
final class PostgresSecretStore implements SecretStore {
  private final TenantTx tenants;

  PostgresSecretStore(TenantTx tenants) {
    this.tenants = tenants;
  }

  @Override
  public <T> T change(Name tenant, Function<Shelf, T> work) {
    return TenantContext.within(
        tenant,
        () ->
            tenants.here(handle -> {
              boolean known =
                  handle
                      .createQuery("select exists (select from tenant)")
                      .mapTo(Boolean.class)
                      .one();
              if (!known) {
                throw new UnknownTenantException();
              }
              return work.apply(new SecretShelf(handle, tenant));
            }));
  }
}
