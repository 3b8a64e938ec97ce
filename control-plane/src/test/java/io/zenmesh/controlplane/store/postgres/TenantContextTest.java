package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tenant of a transaction ends with it, is one only, and shows nothing when it is none. */
class TenantContextTest extends TwoTenants {
  @Test
  void D02_contextEnds_withItsTransaction() throws SQLException {
    tenants.in(ACME, handle -> count(handle, "select count(*) from endpoint"));
    for (int i = 0; i < 8; i++) {
      try (Connection connection = database.appPool().getConnection();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "select coalesce(current_setting('zen.tenant', true), ''),"
                      + " (select count(*) from endpoint)")) {
        row.next();
        assertThat(row.getString(1)).isEmpty();
        assertThat(row.getInt(2)).isZero();
      }
    }
  }

  @Test
  void D02_connectionWithLeftContext_isThrownAway() throws SQLException {
    try (Database other = Database.open(TestPostgres.freshDatabase())) {
      List<Connection> all = new ArrayList<>();
      for (int i = 0; i < Login.APP.poolSize(); i++) {
        all.add(other.appPool().getConnection());
      }
      for (Connection connection : all) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("select set_config('zen.tenant', 'globex', false)");
        }
        connection.close();
      }
      int refused = 0;
      for (int i = 0; i < Login.APP.poolSize(); i++) {
        try {
          new TenantDoor(other.tenantTx()).in(Name.SYSTEM, handle -> handle.execute("select 1"));
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("tenant context");
          refused++;
        }
      }
      assertThat(refused).isEqualTo(Login.APP.poolSize());
      assertThat(
              (int)
                  new TenantDoor(other.tenantTx())
                      .in(Name.SYSTEM, handle -> count(handle, "select 1")))
          .isOne();
    }
  }

  @Test
  void D02_exceptionInWork_leavesNoContext() throws SQLException {
    assertThatThrownBy(() ->
            tenants.in(
                ACME,
                handle -> {
                  throw new IllegalArgumentException("work failed");
                }))
        .hasMessage("work failed");
    assertThat((int) tenants.in(GLOBEX, handle -> count(handle, "select count(*) from tenant")))
        .isOne();
  }

  @Test
  void D02_workForAnotherTenant_isRefusedInside() {
    assertThatThrownBy(
            () -> tenants.in(ACME, outer -> tenants.in(GLOBEX, inner -> count(inner, "select 1"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tenant context: acme (expected: none, to visit several)");
    assertThatThrownBy(() ->
            database
                .tenantTx()
                .touring(tour ->
                    tour.visit(ACME, one -> tour.visit(GLOBEX, two -> count(two, "select 1")))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tenant context: acme (expected: none, to enter globex)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "ACME", "acme ", "nobody"})
  void D03_contextThatNamesNoTenant_showsNothing(String context) throws SQLException {
    try (Connection app = TestPostgres.loginOf(address, Login.APP);
        Statement statement = app.createStatement()) {
      statement.execute("select set_config('zen.tenant', '" + context + "', false)");
      for (String table : List.of("tenant", "secret", "endpoint", "cluster", "node")) {
        try (ResultSet rows = statement.executeQuery("select count(*) from " + table)) {
          rows.next();
          assertThat(rows.getInt(1)).as(table).isZero();
        }
      }
    }
  }

  @Test
  void D13_onePreparedStatement_alternatesTenantsWithoutMixing() throws Exception {
    String own = "select distinct tenant from endpoint";
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Integer>> runs = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int offset = thread;
        runs.add(
            threads.submit(() -> {
              for (int i = 0; i < 250; i++) {
                Name tenant = (i + offset) % 2 == 0 ? ACME : GLOBEX;
                assertThat(
                        tenants.<List<String>>in(
                            tenant, handle -> handle.createQuery(own).mapTo(String.class).list()))
                    .containsExactly(tenant.value());
              }
              return 250;
            }));
      }
      int done = 0;
      for (Future<Integer> run : runs) {
        done += run.get();
      }
      assertThat(done).isEqualTo(2_000);
    }
  }
}
