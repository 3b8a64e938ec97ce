package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.traces.ByteScan;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a control plane that has worked with secrets leaves in its log, its answers and its
 * database. Every look also finds a secret that was put there on purpose.
 */
class SecretTracesTest extends TracedControlPlane {
  /** Every row of every table as text, which is what a dump of the database is made of. */
  private byte[] rows() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> tables = new ArrayList<>();
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement()) {
      try (ResultSet names =
          statement.executeQuery("select tablename from pg_tables where schemaname = 'zen'")) {
        while (names.next()) {
          tables.add(names.getString(1));
        }
      }
      for (String table : tables) {
        try (ResultSet rows =
            statement.executeQuery("select t::text from zen.\"" + table + "\" t")) {
          while (rows.next()) {
            all.writeBytes((table + rows.getString(1) + "\n").getBytes(StandardCharsets.UTF_8));
          }
        }
      }
    }
    assertThat(tables).contains("audit_entry", "secret_version", "key_version");
    return all.toByteArray();
  }

  private void leakInto(String sql) throws Exception {
    try (Connection superuser = TestPostgres.superuserOf(database);
        Statement statement = superuser.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void K06_secretsThatWereUsedAndRefused_areNotInLogAnswersRecordOrDatabase() throws Exception {
    putFour(1);
    issueKey();
    plantKeks("in use");
    plantRoots();
    // Refused ones too: too short for the scheme, for a name that cannot be, for nobody.
    for (String name : new String[] {"signing", "zen-root", "No_Name"}) {
      Path refused =
          plant(
              "refused for " + name,
              ("unfit-" + HexFormat.of().formatHex(fresh())).getBytes(StandardCharsets.US_ASCII));
      assertThat(
              zenctl("secret", "put", name, "--tenant", "acme", "--secret-file", refused.toString())
                  .exitCode())
          .isNotZero();
    }
    ByteScan scan = new ByteScan(planted);
    byte[] rows = rows();
    assertThat(new String(rows, StandardCharsets.UTF_8)).contains("secret.put", "secret.unwrap");
    assertThat(scan.in(rows)).as("rows").isEmpty();
    assertThat(Files.size(log)).isPositive();
    assertThat(scan.in(log)).as("log").isEmpty();
    assertThat(answers.toString()).contains("stored and sent", "value_unfit");
    assertThat(scan.in(answers.toString().getBytes(StandardCharsets.UTF_8)))
        .as("answers")
        .isEmpty();

    // And each place again with something in it.
    String hex = HexFormat.of().formatHex(planted.getFirst().bytes());
    leakInto("create table zen.leak as select '\\x" + hex + "'::bytea as value");
    assertThat(scan.in(rows())).contains("zen key 1 (hex)");
    Files.writeString(log, "\nvalue=" + hex, java.nio.file.StandardOpenOption.APPEND);
    assertThat(scan.in(log)).contains("zen key 1 (hex)");
    answers.append(new String(planted.getFirst().bytes(), StandardCharsets.US_ASCII));
    assertThat(scan.in(answers.toString().getBytes(StandardCharsets.UTF_8)))
        .contains("zen key 1 (raw)");
  }
}
