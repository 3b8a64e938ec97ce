package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each attempt names a row of globex that exists, and the same statement works for its owner. */
class TenantIsolationTest extends TwoTenants {
  @ParameterizedTest
  @CsvSource({
    "tenant,name",
    "secret,tenant",
    "secret_counter,tenant",
    "secret_version,tenant",
    "destination,tenant",
    "endpoint,tenant",
    "endpoint_secret,tenant"
  })
  void D01_foreignRows_areInvisibleAndUntouchable(String table, String column) {
    String select = "select count(*) from " + table + " where " + column + " = 'globex'";
    String update =
        "update " + table + " set " + column + " = " + column + " where " + column + " = 'globex'";
    assertThat((int) tenants.in(ACME, handle -> count(handle, select))).isZero();
    assertThat((int) tenants.in(ACME, handle -> handle.execute(update))).isZero();
    assertThat((int) tenants.in(GLOBEX, handle -> count(handle, select))).isPositive();
    assertThat((int) tenants.in(GLOBEX, handle -> handle.execute(update))).isPositive();
  }

  @Test
  void D01_foreignDelete_touchesNothing() {
    String delete = "delete from endpoint where tenant = 'globex' and name = 'zen'";
    assertThat((int) tenants.in(ACME, handle -> handle.execute(delete))).isZero();
    int own =
        tenants.in(
            GLOBEX,
            handle -> {
              handle.savepoint("before");
              int deleted = handle.execute(delete);
              handle.rollbackToSavepoint("before");
              return deleted;
            });
    assertThat(own).isOne();
  }

  @Test
  void D01_owner_seesNothingWithoutContext() throws SQLException {
    try (Connection owner = TestPostgres.loginOf(address, Login.OWNER);
        Statement statement = owner.createStatement()) {
      try (ResultSet rows = statement.executeQuery("select count(*) from endpoint")) {
        rows.next();
        assertThat(rows.getInt(1)).isZero();
      }
      assertThat(statement.executeUpdate("update endpoint set scheme = 'github'")).isZero();
    }
  }

  @Test
  void D01_everyTable_isForcedAndHasPolicies() throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select relname, relrowsecurity and relforcerowsecurity, command, exists (select"
                    + " from pg_policies p where p.schemaname = 'zen' and p.tablename = relname"
                    + " and p.cmd in (command, 'ALL') and 'zen_app' = any (p.roles)"
                    + " and coalesce(p.qual, p.with_check) <> 'true')"
                    + " from pg_class c,"
                    + " unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as command"
                    + " where relnamespace = 'zen'::regnamespace and relkind in ('r', 'p')"
                    + " and has_table_privilege('zen_app', c.oid, command) order by relname")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
        assertThat(rows.getBoolean(2)).as(rows.getString(1) + " is forced").isTrue();
        assertThat(rows.getBoolean(4))
            .as(rows.getString(1) + " policy for " + rows.getString(3))
            .isTrue();
      }
    }
    assertThat(tables)
        .contains(
            "api_token",
            "audit_entry",
            "audit_head",
            "audit_leaf",
            "cluster",
            "destination",
            "endpoint",
            "endpoint_secret",
            "idempotency_key",
            "kek",
            "key_counter",
            "key_version",
            "node",
            "principal",
            "secret",
            "secret_counter",
            "secret_version",
            "tenant");
  }

  @Test
  void D12_rowSecurityOff_isAnErrorNotAWayRound() throws SQLException {
    try (Connection app = TestPostgres.loginOf(address, Login.APP);
        Statement statement = app.createStatement()) {
      statement.execute("set row_security = off");
      assertThatThrownBy(() -> statement.executeQuery("select * from endpoint"))
          .hasMessageContaining("row-level security");
    }
  }

  @Test
  void D10_nothingCountsAcrossTenants() throws SQLException {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select count(*) from pg_class where relnamespace = 'zen'::regnamespace"
                    + " and relkind = 'S'")) {
      rows.next();
      assertThat(rows.getInt(1)).as("sequences").isZero();
    }
  }

  @Test
  void D11_predicateThatFailsOnForeignRows_neverSeesThem() {
    String leaky =
        "select count(*) from destination"
            + " where 1 / (case when tenant = 'globex' then 0 else 1 end) = 1";
    assertThat((int) tenants.in(ACME, handle -> count(handle, leaky))).isPositive();
    assertThat(failure(() -> tenants.in(GLOBEX, handle -> count(handle, leaky)))).contains("22012");
  }

  @Test
  void fleetLogin_readsAllAndWritesNothing() throws SQLException {
    try (Connection fleet = TestPostgres.loginOf(address, Login.FLEET);
        Statement statement = fleet.createStatement()) {
      try (ResultSet rows = statement.executeQuery("select count(distinct tenant) from endpoint")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(2);
      }
      statement.execute("set default_transaction_read_only = off");
      for (String sql :
          List.of(
              "update endpoint set scheme = 'github'",
              "delete from endpoint",
              "insert into tenant (name) values ('intruder')",
              "select * from flyway_schema_history")) {
        assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("permission denied");
      }
    }
  }
}
