package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Two tenants with the same number of rows in every table that is theirs. */
final class FilledTenants {
  static final Name ACME = new Name("acme");
  static final Name GLOBEX = new Name("globex");
  static final int ROWS = 40;

  private FilledTenants() {}

  static void fill(TenantTx tenants) {
    TenantContext.within(
        new Name("system"),
        () -> tenants.here(handle -> handle.execute("insert into kek (id) values ('k')")));
    for (Name tenant : List.of(ACME, GLOBEX)) {
      TenantContext.within(
          tenant,
          () ->
              tenants.here(handle -> {
                fill(handle, tenant.value());
                return true;
              }));
    }
  }

  private static void fill(Handle handle, String tenant) {
    handle.execute("insert into tenant (name) values (?)", tenant);
    handle.execute("insert into secret_counter values (?, 1)", tenant);
    for (int i = 0; i < ROWS; i++) {
      String name = tenant + "-" + i;
      handle.execute(
          "insert into secret (tenant, name, type, certificate) values (?, ?, 'ca', 'x')",
          tenant,
          name);
      handle.execute(
          "insert into secret_version (tenant, secret, version, algorithm, kek_id, wrapped_key,"
              + " ciphertext, not_before) values (?, ?, 1, 'a', 'k', 'w', repeat('c', 40)::bytea,"
              + " now())",
          tenant,
          name);
      handle.execute("insert into cluster values (?, ?, ?)", tenant, name, name);
      handle.execute(
          "insert into node (tenant, cluster, name, role, listen_host, listen_port)"
              + " values (?, ?, ?, 'egress', '127.0.0.1', 1)",
          tenant,
          name,
          name);
      handle.execute(
          "insert into destination (tenant, name, url) values (?, ?, 'https://a.test')",
          tenant,
          name);
      handle.execute(
          "insert into endpoint (tenant, name, cluster_tenant, cluster, host, path, scheme,"
              + " max_body_bytes, on_duplicate, on_store_loss, destination) values"
              + " (?, ?, ?, ?, 'a.test', '/' || ?, 'zen', 1, 'refuse', 'refuse', ?)",
          tenant,
          name,
          tenant,
          name,
          name,
          name);
      handle.execute("insert into endpoint_secret values (?, ?, 0, ?)", tenant, name, name);
      handle.execute(
          "insert into principal (tenant, name, role) values (?, ?, 'viewer')", tenant, name);
      handle.execute(
          "insert into api_token (tenant, id, principal, role, digest, created_at, expires_at)"
              + " values (?, lpad(?, 16, '0'), ?, 'viewer', repeat('d', 32)::bytea, now(),"
              + " now() + interval '1 day')",
          tenant,
          Integer.toString(i),
          name);
      handle.execute(
          "insert into key_counter (tenant, cluster, purpose, last) values (?, ?, 'ingress', 1)",
          tenant,
          name);
      handle.execute(
          "insert into key_version (tenant, cluster, purpose, version, root_version, state,"
              + " not_before) values (?, ?, 'ingress', 1, 1, 'live', now())",
          tenant,
          name);
      handle.execute(
          "insert into idempotency_key (tenant, caller, key, operation, request_digest,"
              + " created_at) values (?, 'c', ?, 'o', repeat('d', 32)::bytea, now())",
          tenant,
          name);
    }
  }
}
