package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.controlplane.audit.NumberedTrail.Numbered;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.ChainVerifier;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class PostgresNumberedTrailTest {
  private static final String SOURCE = "/cluster/edge/extproc/ingress-1#0";

  private final PostgresAddress address = TestPostgres.freshDatabase();
  private final Database database = Database.open(address);
  private final NumberedTrail trail = database.numberedTrail(Clock.systemUTC());

  @AfterEach
  void end() {
    database.close();
  }

  private List<ClaimedEntry> recorded(Name chain) {
    return database
        .auditReader()
        .reading(view -> {
          List<ClaimedEntry> entries = new ArrayList<>();
          view.entries(chain, 0, Long.MAX_VALUE, entries::add);
          return entries;
        });
  }

  private static List<Numbered> events(Name chain, long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(i -> new Numbered(i, TestEvents.event(chain, (int) i)))
        .toList();
  }

  private void assertOnce(Name chain, int count) {
    List<ClaimedEntry> entries = recorded(chain);
    assertThat(entries.stream().map(ClaimedEntry::object).distinct()).hasSize(count);
    assertThat(entries).hasSize(count);
    ChainVerifier verifier =
        ChainVerifier.fromGenesis(database.auditReader().reading(AuditView::log), chain.value());
    assertThat(entries.stream().map(verifier::check)).allMatch(Optional::isEmpty);
  }

  @Test
  void batchThatComesTwice_isRecordedOnce() {
    assertThat(trail.record(SOURCE, events(TestEvents.ACME, 1, 11))).isEqualTo(10);
    assertThat(trail.record(SOURCE, events(TestEvents.ACME, 1, 11))).isZero();
    assertThat(trail.record(SOURCE, events(TestEvents.ACME, 6, 21))).isEqualTo(10);
    assertOnce(TestEvents.ACME, 20);
  }

  @Test
  void otherSource_hasItsOwnNumbers() {
    trail.record(SOURCE, events(TestEvents.ACME, 1, 3));
    assertThat(trail.record(SOURCE + "1", events(TestEvents.GLOBEX, 1, 3))).isEqualTo(2);
    assertOnce(TestEvents.GLOBEX, 2);
  }

  @Test
  void tenantsOfABatch_eachGetTheirOwn() {
    AuditEvent one = TestEvents.event(TestEvents.ACME, 1);
    AuditEvent two = TestEvents.event(TestEvents.GLOBEX, 2);
    trail.record(SOURCE, List.of(new Numbered(1, one), new Numbered(2, two)));
    assertOnce(TestEvents.ACME, 1);
    assertOnce(TestEvents.GLOBEX, 1);
  }

  @Test
  void sameBatchFromManyThreads_isRecordedOnce() {
    AtomicInteger fresh = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        threads.execute(() -> {
          try {
            fresh.addAndGet(trail.record(SOURCE, events(TestEvents.ACME, 1, 101)));
          } catch (AuditUnavailableException e) {
            // Its sender comes again.
          }
        });
      }
    }
    assertThat(fresh).hasValue(100);
    assertOnce(TestEvents.ACME, 100);
  }

  @Test
  void A13_F32_storeThatRefuses_keepsNothing_andTheSameBatchIsRecordedLater() throws SQLException {
    trail.record(SOURCE, events(TestEvents.ACME, 1, 2));
    TestPostgres.execute(
        TestPostgres.superuserOf(address), "revoke insert on zen.audit_entry from zen_audit");
    assertThatThrownBy(() -> trail.record(SOURCE, events(TestEvents.ACME, 2, 12)))
        .isInstanceOf(AuditUnavailableException.class);
    TestPostgres.execute(
        TestPostgres.superuserOf(address), "grant insert on zen.audit_entry to zen_audit");
    assertThat(trail.record(SOURCE, events(TestEvents.ACME, 2, 12))).isEqualTo(10);
    assertOnce(TestEvents.ACME, 11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update zen.audit_source set number = 1",
        "delete from zen.audit_source",
        "truncate zen.audit_source"
      })
  void A10_howFarASourceHasCome_isNeverTakenBack(String sql) throws SQLException {
    trail.record(SOURCE, events(TestEvents.ACME, 1, 6));
    assertRefused(TestPostgres.loginOf(address, Login.AUDIT), sql);
    assertRefused(TestPostgres.loginOf(address, Login.APP), sql);
    assertRefused(TestPostgres.superuserOf(address), sql);
    assertThat(trail.record(SOURCE, events(TestEvents.ACME, 1, 6))).isZero();
  }

  private static void assertRefused(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(sql)).as(sql).isInstanceOf(SQLException.class);
    }
  }
}
