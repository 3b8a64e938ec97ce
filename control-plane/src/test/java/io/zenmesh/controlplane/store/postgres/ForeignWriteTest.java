package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes that would reach into or tell of another tenant; each works for the owner. */
class ForeignWriteTest extends TwoTenants {
  @Test
  void D05_sameNameInTwoTenants_isNoConflict() {
    String insert =
        "insert into destination (tenant, name, url) values (?, 'same', 'https://a.test')";
    assertThat((int) tenants.in(ACME, handle -> handle.execute(insert, "acme"))).isOne();
    assertThat((int) tenants.in(GLOBEX, handle -> handle.execute(insert, "globex"))).isOne();
  }

  @Test
  void D05_hostAndPathOfAnotherTenant_giveNoSign() {
    String insert =
        "insert into endpoint (tenant, name, cluster_tenant, cluster, host, path, scheme,"
            + " max_body_bytes, on_duplicate, on_store_loss, destination) values ('acme', 'probe',"
            + " 'system', 'edge-local', ?, ?, 'zen', 1, 'refuse', 'refuse', 'target')";
    int taken =
        tenants.in(ACME, handle -> handle.execute(insert, "hooks.globex.test", "/globex/zen"));
    assertThat(taken).isOne();
    tenants.in(ACME, handle -> handle.execute("delete from endpoint where name = 'probe'"));
  }

  @Test
  void D06_referenceToForeignRow_isRefusedLikeOneToNothing() {
    String insert =
        "insert into endpoint_secret (tenant, endpoint, position, secret) values (?, 'zen', 3, ?)";
    tenants.in(
        GLOBEX,
        handle ->
            handle.execute(
                "insert into secret (tenant, name, type, certificate)"
                    + " values ('globex', 'only-globex', 'ca', 'x')"));
    String foreign = failure(() -> tenants.in(ACME, h -> h.execute(insert, "acme", "only-globex")));
    String absent =
        failure(() -> tenants.in(ACME, h -> h.execute(insert, "acme", "nobody-has-it")));
    assertThat(foreign).contains("23503").isEqualTo(absent);
    assertThat((int) tenants.in(GLOBEX, h -> h.execute(insert, "globex", "only-globex"))).isOne();
  }

  @Test
  void D06_clusterOfAnotherTenant_isRefused() {
    tenants.in(
        GLOBEX,
        handle -> {
          handle.execute(
              "insert into secret (tenant, name, type, certificate)"
                  + " values ('globex', 'own-tls', 'ca', 'x')");
          return handle.execute("insert into cluster values ('globex', 'own', 'own-tls')");
        });
    String update =
        "update endpoint set cluster_tenant = 'globex', cluster = 'own' where name = 'zen'";
    assertThat(failure(() -> tenants.in(ACME, handle -> handle.execute(update)))).contains("23514");
    assertThat((int) tenants.in(GLOBEX, handle -> handle.execute(update))).isOne();
  }

  @Test
  void D06_rootsForClientsOfAnotherTenant_areRefused() {
    tenants.in(
        GLOBEX,
        handle ->
            handle.execute(
                "insert into secret (tenant, name, type, certificate)"
                    + " values ('globex', 'client-roots', 'ca', 'x')"));
    String update =
        "update endpoint set client_mtls = 'required', client_ca = 'client-roots'"
            + " where name = 'zen'";
    assertThat(failure(() -> tenants.in(ACME, handle -> handle.execute(update)))).contains("23503");
    assertThat((int) tenants.in(GLOBEX, handle -> handle.execute(update))).isOne();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tenant", "secret", "secret_version", "endpoint", "cluster"})
  void D07_truncate_isNotGranted(String table) {
    assertThat(failure(() -> tenants.in(ACME, h -> h.execute("truncate " + table + " cascade"))))
        .contains("42501");
  }

  @Test
  void D08_insertIntoAnotherTenant_isRefused() {
    String insert =
        "insert into destination (tenant, name, url) values (?, 'intruder', 'https://a.test')";
    assertThat(failure(() -> tenants.in(ACME, handle -> handle.execute(insert, "globex"))))
        .contains("42501");
    assertThat((int) tenants.in(GLOBEX, handle -> handle.execute(insert, "globex"))).isOne();
  }

  @Test
  void D08_moveIntoAnotherTenant_isRefused() {
    String update = "update secret set tenant = ? where name = 'target-ca'";
    assertThat(failure(() -> tenants.in(ACME, handle -> handle.execute(update, "globex"))))
        .contains("42501");
    assertThat((int) tenants.in(ACME, handle -> handle.execute(update, "acme"))).isOne();
  }

  @Test
  void D08_upsertOnHiddenRow_isRefused() {
    String upsert =
        "insert into destination (tenant, name, url) values (?, 'target', 'https://evil.test')"
            + " on conflict (tenant, name) do update set url = excluded.url";
    assertThat(failure(() -> tenants.in(ACME, handle -> handle.execute(upsert, "globex"))))
        .contains("42501");
    String url = "select url from destination where name = 'target'";
    String stored = tenants.in(GLOBEX, h -> h.createQuery(url).mapTo(String.class).one());
    assertThat(stored).isEqualTo("https://localhost:19443/globex");
    assertThat((int) tenants.in(ACME, handle -> handle.execute(upsert, "acme"))).isOne();
  }
}
