package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
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
  private static final Name ACME = new Name("acme");
  private static final Name GLOBEX = new Name("globex");
  private static final int ROWS = 40;
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
            + random.nextInt(ROWS)
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
              ACME,
              () ->
                  tenants.here(handle ->
                      attempts.stream().filter(it -> touched(handle, it) != 0).toList())));
      owned +=
          TenantContext.within(
              GLOBEX,
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
                Name tenant = (first + i) % 2 == 0 ? ACME : GLOBEX;
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
                wrong += seen.equals(List.of(tenant + "-" + ROWS)) ? 0 : 1;
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
  void D14_partitionWithoutPolicyOfItsOwn_stopsTheStart() throws SQLException {
    PostgresAddress other = TestPostgres.freshDatabase();
    TestPostgres.execute(
        TestPostgres.superuserOf(other),
        "create table zen.parted (tenant text) partition by list (tenant);"
            + " alter table zen.parted enable row level security;"
            + " alter table zen.parted force row level security;"
            + " create policy own_rows on zen.parted to zen_app using"
            + " (tenant = current_setting('zen.tenant', true));"
            + " grant select on zen.parted to zen_app;"
            + " create table zen.parted_acme partition of zen.parted for values in ('acme')");
    assertThatThrownBy(() -> Database.open(other))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("parted_acme has no forced row level security");
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

  @Test
  void F17_poolExhausted_isSaidSoon_andLeavesNoContext() throws Exception {
    CountDownLatch held = new CountDownLatch(Login.APP.poolSize());
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(Login.APP.poolSize())) {
      List<Future<Boolean>> holders = new ArrayList<>();
      for (int i = 0; i < Login.APP.poolSize(); i++) {
        holders.add(
            threads.submit(() ->
                TenantContext.within(
                    GLOBEX,
                    () ->
                        tenants.here(handle -> {
                          held.countDown();
                          try {
                            go.await();
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                          return true;
                        }))));
      }
      held.await();
      try {
        assertThatThrownBy(() -> TenantContext.within(ACME, () -> tenants.here(it -> true)))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("all connections are busy");
      } finally {
        go.countDown();
      }
      for (Future<Boolean> holder : holders) {
        assertThat(holder.get()).isTrue();
      }
    }
    assertEveryConnectionIsEmpty();
  }

  @Test
  void F18_D18_workThatFailsOrIsCancelled_leavesNoContext() throws SQLException {
    for (int i = 0; i < 8; i++) {
      assertThatThrownBy(() ->
              TenantContext.within(
                  GLOBEX,
                  () ->
                      tenants.here(handle -> {
                        throw new IllegalArgumentException("between");
                      })))
          .hasMessage("between");
      assertThatThrownBy(() ->
              TenantContext.within(
                  GLOBEX,
                  () ->
                      tenants.here(handle -> {
                        handle.execute("set local statement_timeout = '20ms'");
                        return handle.execute("select pg_sleep(5)");
                      })))
          .isInstanceOf(StoreException.class);
    }
    assertEveryConnectionIsEmpty();
  }

  private static void assertEveryConnectionIsEmpty() throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < Login.APP.poolSize(); i++) {
        Connection connection = database.appPool().getConnection();
        all.add(connection);
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    "select coalesce(current_setting('zen.tenant', true), ''),"
                        + " (select count(*) from zen.endpoint)")) {
          row.next();
          assertThat(row.getString(1)).isEmpty();
          assertThat(row.getInt(2)).isZero();
        }
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
  }
}
