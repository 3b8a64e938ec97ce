package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.tenant.TenantContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pooled connections come back without a tenant, whatever became of the work. */
@ExtendWith(PostgresExtension.class)
class TenantPoolTest {
  private static Database database;
  private static TenantTx tenants;

  @BeforeAll
  static void fill() {
    database = Database.open(TestPostgres.freshDatabase());
    tenants = database.tenantTx();
    FilledTenants.fill(tenants);
  }

  @AfterAll
  static void end() {
    database.close();
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
                    FilledTenants.GLOBEX,
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
        assertThatThrownBy(
                () -> TenantContext.within(FilledTenants.ACME, () -> tenants.here(it -> true)))
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

  /** Who shows a token is looked up before anything else: 503 within two seconds begins here. */
  @Test
  void F01_servingPool_givesUpSoonerThanItsStart() {
    assertThat(database.appPool().getConnectionTimeout()).isLessThan(1_500);
  }

  @Test
  void F18_D18_workThatFailsOrIsCancelled_leavesNoContext() throws SQLException {
    for (int i = 0; i < 8; i++) {
      assertThatThrownBy(() ->
              TenantContext.within(
                  FilledTenants.GLOBEX,
                  () ->
                      tenants.here(handle -> {
                        throw new IllegalArgumentException("between");
                      })))
          .hasMessage("between");
      assertThatThrownBy(() ->
              TenantContext.within(
                  FilledTenants.GLOBEX,
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
