package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditStore;
import io.zenmesh.controlplane.audit.LogStore;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gives places of the log in a real database. */
@ExtendWith(PostgresExtension.class)
class PostgresLogStoreTest {
  private static final int ROUNDS = 40;
  private static final int EACH = 500;

  @Test
  void placesAreGiven_withoutReadingTheWholeRecordAgain() throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    try (Database database = Database.open(address)) {
      AuditStore entries = database.auditStore(Clock.systemUTC());
      LogStore log = database.logStore();
      for (int round = 0; round < ROUNDS; round++) {
        entries.append(
            IntStream.range(0, EACH)
                .<AuditEvent>mapToObj(i -> TestEvents.event(new Name("acme"), i))
                .toList());
        assertThat(log.integrate(10_000)).isEqualTo(EACH);
      }
    } // a connection that ends hands in what it counted
    assertThat(rowsReadWithoutIndex(address)).isLessThan(10 * EACH);
  }

  private static long rowsReadWithoutIndex(PostgresAddress address) throws SQLException {
    try (Connection connection = TestPostgres.superuserOf(address);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select sum(seq_tup_read) from pg_stat_user_tables"
                    + " where relname in ('audit_entry', 'audit_leaf')")) {
      row.next();
      return row.getLong(1);
    }
  }
}
