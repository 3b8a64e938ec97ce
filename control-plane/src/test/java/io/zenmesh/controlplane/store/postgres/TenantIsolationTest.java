package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each attempt names a row of globex that exists, and the same statement works for its owner. */
@ExtendWith(PostgresExtension.class)
class TenantIsolationTest {
  private static final Name ACME = new Name("acme");
  private static final Name GLOBEX = new Name("globex");

  @TempDir static Path folder;
  private static PostgresAddress address;
  private static Database database;
  private static TenantDoor tenants;

  @BeforeAll
  static void fill() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    tenants = new TenantDoor(database.tenantTx());
    KeysetFile keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    try (Mesh mesh = TestMesh.in(folder).mesh(TestMesh.all())) {
      Envelope envelope =
          new Envelope(new CountedWrapper(keyset, database.wrapLedger()), new SecureRandom());
      ValueMark mark = new ValueMark(SecretBytes.takeOver(new byte[32]));
      database.meshStore(envelope, mark, InstantSource.system()).replace(mesh, changes -> {});
    }
  }

  @AfterAll
  static void end() {
    database.close();
  }

  private static int count(Handle handle, String sql) {
    return handle.createQuery(sql).mapTo(Integer.class).one();
  }

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

  private interface Attempt {
    int run();
  }

  private static String failure(Attempt attempt) {
    try {
      attempt.run();
    } catch (StoreException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("was not refused");
  }
}
