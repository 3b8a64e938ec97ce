package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditTrailContract;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class PostgresAuditStoreTest extends AuditTrailContract {
  private PostgresAddress address = TestPostgres.freshDatabase();
  private Database database = Database.open(address);
  private GroupCommitTrail trail = new GroupCommitTrail(database.auditStore(Clock.systemUTC()));

  @AfterEach
  void end() {
    trail.close();
    database.close();
  }

  @Override
  protected AuditTrail trail() {
    return trail;
  }

  @Override
  protected String log() {
    return database.auditReader().reading(view -> view.log());
  }

  @Override
  protected List<ClaimedEntry> recorded(Name chain) {
    return database
        .auditReader()
        .reading(view -> {
          List<ClaimedEntry> entries = new ArrayList<>();
          view.entries(chain, 0, Long.MAX_VALUE, entries::add);
          return entries;
        });
  }

  private static List<AuditEvent> events(Name chain, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> TestEvents.event(chain, i)).toList();
  }

  @Test
  void twoControlPlanes_appendTenThousandAtOnce_toOneValidChain() {
    try (Database other = Database.open(address);
        GroupCommitTrail second = new GroupCommitTrail(other.auditStore(Clock.systemUTC()));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1_000; i++) {
        int from = 10 * i;
        GroupCommitTrail one = i % 2 == 0 ? trail : second;
        // Two chains in opposite order: the writers must not wait for each other in a circle.
        threads.execute(() -> {
          one.record(events(TestEvents.ACME, from, from + 5));
          one.record(events(TestEvents.GLOBEX, from, from + 5));
        });
        threads.execute(() -> {
          List<AuditEvent> both = new ArrayList<>(events(TestEvents.GLOBEX, from + 5, from + 10));
          both.addAll(events(TestEvents.ACME, from + 5, from + 10));
          one.record(both);
        });
      }
    }
    for (Name chain : List.of(TestEvents.ACME, TestEvents.GLOBEX)) {
      assertValid(chain, 10_000);
      assertThat(recorded(chain).stream().map(ClaimedEntry::object).distinct()).hasSize(10_000);
    }
  }

  private static long millisUntilRefused(AuditTrail trail) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> trail.record(TestEvents.event(TestEvents.ACME, 2)))
        .isInstanceOf(AuditUnavailableException.class);
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Test
  void A13_F32_headLockedBySomebody_isUnavailableInsideTheDeadline_andWorksAgain()
      throws SQLException {
    trail.record(TestEvents.event(TestEvents.ACME, 1));
    try (Connection blocker = TestPostgres.superuserOf(address);
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("select from zen.audit_head where chain = 'acme' for update");
      assertThat(millisUntilRefused(trail))
          .isLessThanOrEqualTo(GroupCommitTrail.DEADLINE.toMillis());
      blocker.rollback();
    }
    trail.record(TestEvents.event(TestEvents.ACME, 3));
    assertThat(recorded(TestEvents.ACME).stream().map(ClaimedEntry::object))
        .containsExactly("secret/acme/stripe-1", "secret/acme/stripe-3");
  }

  @Test
  void A13_F32_storeThatRefuses_isUnavailable_andWorksAgain() throws SQLException {
    // As a full disk looks to a writer: the statement fails, nothing is kept.
    TestPostgres.execute(
        TestPostgres.superuserOf(address), "revoke insert on zen.audit_entry from zen_audit");
    assertThat(millisUntilRefused(trail)).isLessThanOrEqualTo(GroupCommitTrail.DEADLINE.toMillis());
    TestPostgres.execute(
        TestPostgres.superuserOf(address), "grant insert on zen.audit_entry to zen_audit");
    trail.record(TestEvents.event(TestEvents.ACME, 3));
    assertValid(TestEvents.ACME, 1);
  }

  @Test
  void A13_F32_storeThatIsGone_isUnavailableInsideTheDeadline_andWorksAgain() throws SQLException {
    trail.record(TestEvents.event(TestEvents.ACME, 1));
    TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_audit nologin");
    try {
      TestPostgres.execute(
          TestPostgres.superuserOf(address),
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where usename = 'zen_audit' and datname = current_database()");
      assertThat(millisUntilRefused(trail))
          .isLessThanOrEqualTo(GroupCommitTrail.DEADLINE.toMillis());
    } finally {
      TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_audit login");
    }
    trail.record(TestEvents.event(TestEvents.ACME, 3));
    // By another way: the pool for reading may still hold a connection that was ended.
    try (Database fresh = Database.open(address)) {
      assertThat(fresh.auditReader().reading(AuditView::heads))
          .extracting(ChainHead::seq)
          .containsExactly(2L);
    }
  }

  private String refusal(Login login, String sql) throws SQLException {
    try (Connection connection = TestPostgres.loginOf(address, login);
        Statement statement = connection.createStatement()) {
      try {
        statement.execute(sql);
      } catch (SQLException e) {
        return String.valueOf(e.getMessage());
      }
    }
    return "";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update audit_entry set object = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_leaf set seq = 0",
        "delete from audit_leaf",
        "truncate audit_leaf",
        "update audit_log set id = 'x'",
        "delete from audit_head",
        "truncate audit_head"
      })
  void A01_A02_A04_writtenRecord_isChangedByNoLogin(String sql) throws SQLException {
    trail.record(TestEvents.event(TestEvents.ACME, 1));
    assertThat(refusal(Login.AUDIT, sql)).contains("permission denied");
    assertThat(refusal(Login.APP, sql)).contains("permission denied");
    assertThat(refusal(Login.FLEET, sql)).contains("read-only transaction");
    // The owner has the right and even a superuser the trigger.
    assertThat(refusal(Login.OWNER, sql)).contains("refused (expected: append only)");
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement()) {
      statement.execute("set search_path = zen");
      assertThatThrownBy(() -> statement.execute(sql))
          .hasMessageContaining("refused (expected: append only)");
    }
    assertValid(TestEvents.ACME, 1);
  }

  @Test
  void A10_sameSequenceTwice_isRefused() throws SQLException {
    trail.record(TestEvents.event(TestEvents.ACME, 1));
    String again =
        "insert into audit_entry select chain, seq, time_micros, actor_kind, actor_id, action,"
            + " 'other', outcome, reason, correlation, hash from audit_entry";
    assertThat(refusal(Login.AUDIT, again)).contains("duplicate key");
  }

  @Test
  void A05_headThatDoesNotAdvance_isRefused() throws SQLException {
    trail.record(TestEvents.event(TestEvents.ACME, 1));
    assertThat(refusal(Login.AUDIT, "update audit_head set seq = 0"))
        .contains("head of acme refused (expected: to advance)");
    assertThat(refusal(Login.AUDIT, "update audit_head set chain = 'globex', seq = 9"))
        .contains("head of acme refused (expected: to advance)");
  }

  @ParameterizedTest
  @CsvSource({"acme,2,1", "globex,1,2"})
  void D01_tenant_seesItsOwnChainOnly(String tenant, int own, int others) {
    trail.record(events(TestEvents.ACME, 0, 2));
    trail.record(events(TestEvents.GLOBEX, 0, 1));
    TenantDoor tenants = new TenantDoor(database.tenantTx());
    int entries =
        tenants.in(
            new Name(tenant),
            handle ->
                handle.createQuery("select count(*) from audit_entry").mapTo(Integer.class).one());
    assertThat(entries).isEqualTo(own);
    assertThat(own + others).isEqualTo(3);
  }

  @Test
  void D08_tenant_writesNoEntry() throws SQLException {
    assertThat(
            refusal(
                Login.APP,
                "insert into audit_entry values"
                    + " ('acme', 1, 0, 'k', 'i', 'a', 'o', 'd', '', '', decode(repeat('00', 32), 'hex'))"))
        .contains("permission denied");
  }
}
