package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.tenant.CommitWatch;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a transaction tells who watches it. */
@ExtendWith(PostgresExtension.class)
class WatchedCommitTest {
  private Database database;
  private final CommitWatch watch = new CommitWatch();

  @BeforeEach
  void start() {
    database = Database.open(TestPostgres.freshDatabase());
  }

  @AfterEach
  void end() {
    database.close();
  }

  private <T> T here(Supplier<T> work) {
    return watch.over(() -> TenantContext.within(Name.SYSTEM, work));
  }

  private static int write(Handle handle) {
    return handle.execute(
        "insert into idempotency_key (tenant, caller, key, operation, request_digest, created_at)"
            + " values ('system', 'test', 'k', 'op', decode(repeat('00', 32), 'hex'), now())");
  }

  private static long read(Handle handle) {
    return handle.createQuery("select count(*) from idempotency_key").mapTo(Long.class).one();
  }

  @Test
  void read_isNoChange() {
    assertThat(here(() -> database.tenantTx().here(WatchedCommitTest::read))).isZero();
    assertThat(watch.changed()).isFalse();
  }

  @Test
  void write_isAChange() {
    assertThat(here(() -> database.tenantTx().here(WatchedCommitTest::write))).isEqualTo(1);
    assertThat(watch.changed()).isTrue();
  }

  @Test
  void writeOnATour_isAChange() {
    int written =
        watch.over(() ->
            database.tenantTx().touring(it -> it.visit(Name.SYSTEM, WatchedCommitTest::write)));
    assertThat(written).isEqualTo(1);
    assertThat(watch.changed()).isTrue();
  }

  @Test
  void writeThatIsRolledBack_isNoChange() {
    assertThatThrownBy(() ->
            here(() ->
                database
                    .tenantTx()
                    .here(handle -> {
                      write(handle);
                      throw new IllegalStateException("refused after it was written");
                    })))
        .isInstanceOf(IllegalStateException.class);
    assertThat(watch.changed()).isFalse();
    assertThat(here(() -> database.tenantTx().here(WatchedCommitTest::read))).isZero();
  }
}
