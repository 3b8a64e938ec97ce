package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many attempts at once: each names a row of globex that exists, and its owner's succeeds. */
@ExtendWith(PostgresExtension.class)
class CrossTenantSqlTest {
  private static final int ATTEMPTS = 10_000;
  private static final int TOGETHER = 250;

  private static PostgresAddress address;
  private static Database database;
  private static TenantTx tenants;

  @BeforeAll
  static void fill() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    tenants = database.tenantTx();
    FilledTenants.fill(tenants);
  }

  @AfterAll
  static void end() {
    database.close();
  }

  private record Table(String name, String column, boolean mayDelete) {}

  private static final List<Table> TABLES =
      List.of(
          new Table("secret", "name", false),
          new Table("secret_version", "secret", true),
          new Table("cluster", "name", false),
          new Table("node", "name", true),
          new Table("destination", "name", false),
          new Table("endpoint", "name", true),
          new Table("endpoint_secret", "endpoint", true),
          new Table("key_counter", "cluster", false),
          new Table("key_version", "cluster", false),
          new Table("principal", "name", true),
          new Table("api_token", "principal", true),
          new Table("idempotency_key", "key", true));

  private static String attempt(Random random) {
    Table table = TABLES.get(random.nextInt(TABLES.size()));
    String where =
        " where tenant = 'globex' and "
            + table.column()
            + " = 'globex-"
            + random.nextInt(FilledTenants.ROWS)
            + "'";
    return switch (random.nextInt(6)) {
      case 0 -> "select 1 from " + table.name() + where;
      case 1 -> "select 1 from " + table.name() + where + " for update";
      case 2 -> "update " + table.name() + " set tenant = tenant" + where;
      case 3 ->
          "update "
              + table.name()
              + " set tenant = tenant"
              + where
              + " and tenant in (select tenant from "
              + table.name()
              + ")";
      case 4 ->
          table.mayDelete()
              ? "delete from " + table.name() + where
              : "select 1 from " + table.name() + " t" + where + " and exists (select)";
      default ->
          "with it as (select * from "
              + table.name()
              + where
              + ") select 1 from it join tenant"
              + " on tenant.name = it.tenant";
    };
  }

  /** Rows that a statement touched, and everything as before. */
  private static int touched(Handle handle, String sql) {
    handle.savepoint("attempt");
    int rows =
        sql.startsWith("select") || sql.startsWith("with")
            ? handle.createQuery(sql).mapTo(Integer.class).list().size()
            : handle.execute(sql);
    handle.rollbackToSavepoint("attempt");
    return rows;
  }

  @Test
  void D01_D08_tenThousandAttemptsAtForeignRows_touchNothing() {
    Random random = new Random(20260105);
    long before = content();
    int owned = 0;
    List<String> leaks = new ArrayList<>();
    for (int done = 0; done < ATTEMPTS; done += TOGETHER) {
      List<String> attempts = new ArrayList<>();
      for (int i = 0; i < TOGETHER; i++) {
        attempts.add(attempt(random));
      }
      leaks.addAll(
          TenantContext.within(
              FilledTenants.ACME,
              () ->
                  tenants.here(handle ->
                      attempts.stream().filter(it -> touched(handle, it) != 0).toList())));
      owned +=
          TenantContext.within(
              FilledTenants.GLOBEX,
              () ->
                  tenants.here(handle ->
                      (int) attempts.stream().filter(it -> touched(handle, it) == 1).count()));
    }
    assertThat(leaks).isEmpty();
    assertThat(owned).as("the owner's same statements").isEqualTo(ATTEMPTS);
    assertThat(content()).isEqualTo(before);
  }

  private static long content() {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement()) {
      long hash = 17;
      for (Table table : TABLES) {
        try (ResultSet row =
            statement.executeQuery(
                "select count(*), coalesce(sum(hashtext(t::text)::bigint), 0) from zen."
                    + table.name()
                    + " t")) {
          row.next();
          hash = hash * 31 + row.getLong(1);
          hash = hash * 31 + row.getLong(2);
        }
      }
      return hash;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void D13_oneStatementForAlternatingTenants_onEightThreads_showsOnlyTheirOwn() throws Exception {
    List<Future<Integer>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int thread = 0; thread < 8; thread++) {
        int first = thread;
        results.add(
            threads.submit(() -> {
              int wrong = 0;
              for (int i = 0; i < ATTEMPTS / 8; i++) {
                Name tenant = (first + i) % 2 == 0 ? FilledTenants.ACME : FilledTenants.GLOBEX;
                List<String> seen =
                    TenantContext.within(
                        tenant,
                        () ->
                            tenants.here(handle ->
                                handle
                                    .createQuery(
                                        "select distinct tenant || '-' || count(*) over ()"
                                            + " from destination where url = :url")
                                    .bind("url", "https://a.test")
                                    .mapTo(String.class)
                                    .list()));
                wrong += seen.equals(List.of(tenant + "-" + FilledTenants.ROWS)) ? 0 : 1;
              }
              return wrong;
            }));
      }
    }
    int wrong = 0;
    for (Future<Integer> result : results) {
      wrong += result.get();
    }
    assertThat(wrong).isZero();
  }

  @Test
  void D15_copy_showsOnesOwnOnly() throws SQLException {
    try (Connection app = TestPostgres.loginOf(address, Login.APP);
        Statement statement = app.createStatement()) {
      try (ResultSet roles =
          statement.executeQuery(
              "select count(*) from pg_roles where starts_with(rolname, 'zen_')"
                  + " and (rolreplication or rolbypassrls or rolsuper)")) {
        roles.next();
        assertThat(roles.getInt(1)).isZero();
      }
      assertThatThrownBy(() -> statement.execute("copy zen.endpoint to '/tmp/x'"))
          .hasMessageContaining("permission denied");
      // What pg_dump does: an error instead of a dump that silently lacks the others' rows.
      statement.execute("set row_security = off");
      assertThatThrownBy(() -> statement.executeQuery("select * from zen.endpoint"))
          .hasMessageContaining("row-level security");
    }
  }

  @Test
  void D09_fleetLogin_writesNothing() throws SQLException {
    try (Connection fleet = TestPostgres.loginOf(address, Login.FLEET);
        Statement statement = fleet.createStatement()) {
      statement.execute("set default_transaction_read_only = off");
      statement.execute("set zen.tenant = 'acme'");
      for (Table table : TABLES) {
        assertThatThrownBy(() -> statement.execute("delete from zen." + table.name()))
            .hasMessageContaining("permission denied");
      }
      assertThatThrownBy(() -> statement.executeQuery("select * from zen.api_token"))
          .hasMessageContaining("permission denied");
    }
  }
}
