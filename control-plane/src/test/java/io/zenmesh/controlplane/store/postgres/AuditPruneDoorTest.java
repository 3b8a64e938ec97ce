package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What of the record can be deleted at all, and by whom: through one door of the database. */
class AuditPruneDoorTest extends AuditRetentionFixture {
  @ParameterizedTest
  @EnumSource(Login.class)
  void A02_A16_noLogin_deletesOrCutsByItself(Login login) throws SQLException {
    fill();
    keeper().close();
    for (String sql :
        List.of(
            "delete from audit_entry where chain = 'acme' and seq = 1",
            "truncate audit_entry",
            "delete from audit_leaf",
            "delete from audit_cut",
            "insert into audit_cut (chain, seq, hash) values ('acme', 1, sha256(''))")) {
      assertThat(refusal(login, sql))
          .as(login + ": " + sql)
          .containsAnyOf(
              "permission denied",
              "read-only transaction",
              "refused (expected: append only)",
              "violates row-level security");
    }
    if (login != Login.RETENTION) {
      assertThat(refusal(login, prune("acme", 1, 5)))
          .containsAnyOf("permission denied", "read-only transaction", "refused (expected: from");
    }
    assertThat(refusal(login, "set role zen_owner; delete from audit_entry"))
        .containsAnyOf("permission denied", "refused (expected: append only)");
    assertThat(count("audit_entry")).isEqualTo(37);
    assertThat(count("audit_cut")).isZero();
  }

  @Test
  void A02_A16_evenASuperuser_isRefused() throws SQLException {
    fill();
    keeper().close();
    for (String sql :
        List.of(
            "delete from audit_entry",
            "set role zen_owner; delete from audit_entry",
            "set session authorization zen_retention; delete from audit_entry",
            prune("acme", 1, 5))) {
      assertThatThrownBy(() -> asSuperuser(sql)).as(sql).isInstanceOf(SQLException.class);
    }
    assertThat(count("audit_entry")).isEqualTo(37);
  }

  private String prune(String chain, long from, long to) throws SQLException {
    return prune(chain, from, to, hash(chain, to));
  }

  private static String prune(String chain, long from, long to, String hash) {
    return "select audit_prune('%s', %d, %d, decode('%s', 'hex'))".formatted(chain, from, to, hash);
  }

  private String hash(String chain, long seq) throws SQLException {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select encode(hash, 'hex') from zen.audit_entry where chain = '"
                    + chain
                    + "' and seq = "
                    + seq)) {
      row.next();
      return row.getString(1);
    }
  }

  private String refusal(Login login, String sql) throws SQLException {
    try (Connection connection = TestPostgres.loginOf(address, login);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "done";
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Says on the chain's record that an archive is there, as a control plane does. */
  private void announce(String chain, long from, long to, String hash) {
    announce(chain, from, to, hash, "audit.archive", AuditEvent.Outcome.DONE, "retention");
  }

  private void announce(
      String chain,
      long from,
      long to,
      String hash,
      String action,
      AuditEvent.Outcome outcome,
      String actor) {
    trail.record(
        new AuditEvent(
            new Name(chain),
            Actor.system(actor),
            action,
            "audit/" + chain + "/" + from + "-" + to + "/" + hash,
            outcome,
            "",
            ""));
  }

  @Test
  void A16_pruneThatIsNotAnnounced_isRefused_howeverOldTheEntries() throws SQLException {
    fill();
    keeper().close();
    String good = prune("acme", 1, 5);
    String hash = hash("acme", 5);
    announce("acme", 1, 4, hash("acme", 4)); // less
    announce("acme", 1, 6, hash("acme", 6)); // more
    announce("acme", 1, 5, hash("acme", 4)); // another hash
    announce("acme", 1, 5, hash, "audit.archive_failed", AuditEvent.Outcome.DONE, "retention");
    announce("acme", 1, 5, hash, "audit.archive", AuditEvent.Outcome.FAILED, "retention");
    announce("acme", 1, 5, hash, "audit.archive", AuditEvent.Outcome.DONE, "somebody");
    trail.record(
        new AuditEvent( // on another chain
            TestEvents.GLOBEX,
            Actor.system("retention"),
            "audit.archive",
            "audit/acme/1-5/" + hash,
            AuditEvent.Outcome.DONE,
            "",
            ""));
    assertThat(refusal(Login.RETENTION, good))
        .contains("refused (expected: announced on its record by audit.archive)");
    assertThat(count("audit_cut")).isZero();
    announce("acme", 1, 5, hash);
    assertThat(refusal(Login.RETENTION, good)).isEqualTo("done");
    assertThat(count("audit_cut where chain = 'acme' and seq = 5")).isEqualTo(1);
  }

  @Test
  void A16_door_opensForExactlyTheOldestClosedSegment() throws SQLException {
    fill();
    keeper().close();
    announce("acme", 1, 5, hash("acme", 5)); // entry 31, the newest
    String good = prune("acme", 1, 5);
    for (String sql :
        List.of(
            prune("acme", 2, 5), // leaves a hole
            prune("acme", 1, 5, hash("acme", 4)), // another hash
            prune("acme", 1, 5, hash("globex", 5)), // another chain's
            prune("acme", 1, 26), // younger than the retention
            prune("acme", 1, 31), // the newest
            prune("acme", 5, 1), // backwards
            prune("acme", 1, 99, hash("acme", 5)), // past the end
            prune("globex", 1, 5), // keeps everything
            prune("system", 1, 1, hash("acme", 1)))) {
      assertThat(refusal(Login.RETENTION, sql)).as(sql).contains(" refused (expected: ");
    }
    asSuperuser("update tenant set audit_retention_days = 5 where name = 'acme'");
    record(TestEvents.ACME, 31, 32, 0);
    assertThat(refusal(Login.RETENTION, prune("acme", 1, 31)))
        .as("not in the log")
        .contains("refused (expected: entries of the log");
    assertThat(count("audit_entry")).isEqualTo(39);
    assertThat(refusal(Login.RETENTION, good)).isEqualTo("done");
    assertThat(refusal(Login.RETENTION, good)).as("done before").isEqualTo("done");
    assertThat(count("audit_entry")).isEqualTo(34);
    assertThat(refusal(Login.RETENTION, prune("acme", 1, 6))).contains("expected: from 6 to ");
    assertThat(count("audit_cut where chain = 'acme' and seq = 5")).isEqualTo(1);
  }
}
