package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.StoreException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class FootingTest {
  @Test
  void D01_migratedDatabase_opens() {
    try (Database database = Database.open(TestPostgres.freshDatabase())) {
      assertThat(database.reachable()).isTrue();
      assertThat(database.holdsCiphertexts()).isFalse();
    }
  }

  @Test
  void schemaOfAnotherVersion_stopsTheStartAndSaysSo() throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    Database.open(address).close();
    TestPostgres.execute(
        TestPostgres.superuserOf(address),
        "update zen.flyway_schema_history set checksum = checksum + 1 where version = '1'");
    assertThatThrownBy(() -> Database.open(address))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("database: its schema was made by another version (expected: ");
  }

  @Test
  void D01_superuserLogin_isRefused() throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_app superuser");
    try {
      assertThatThrownBy(() -> Database.open(address))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("zen_app is superuser");
    } finally {
      TestPostgres.execute(TestPostgres.superuserOf(address), "alter role zen_app nosuperuser");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alter table zen.endpoint no force row level security | endpoint has no forced row level",
        "alter table zen.secret disable row level security | secret has no forced row level security",
        "drop policy own_rows on zen.secret_version | secret_version has no policy for zen_app to",
        "drop policy fleet_reads on zen.node | node has no policy for zen_fleet to SELECT",
        "grant truncate on zen.endpoint to zen_app | endpoint grants TRUNCATE",
        "grant insert on zen.endpoint to zen_fleet | endpoint grants TRUNCATE",
        "grant delete on zen.audit_entry to zen_audit | audit_entry grants TRUNCATE",
        "grant update on zen.audit_leaf to zen_audit | audit_leaf can be changed by zen_audit",
        "grant insert on zen.audit_entry to zen_app | audit_entry can be changed by zen_app",
        "grant select on zen.tenant to zen_retention | tenant is open to zen_retention",
        "grant insert on zen.audit_cut to zen_audit | audit_cut can be changed by zen_audit",
        "grant execute on function zen.audit_prune to zen_audit | audit_prune can be called by zen_audit",
        "alter table zen.audit_entry disable trigger stays | audit_entry has lost a trigger",
        "create table zen.stray (a int) | stray has no forced row level security",
        "create policy wide on zen.tenant to zen_app using (true) | tenant shows a row to a tenant that",
        "create policy wide on zen.tenant to zen_app using (name = '') ; drop policy own_rows on"
            + " zen.tenant | tenant shows 0 rows to system",
        "create function zen.peek() returns bigint security definer language sql as"
            + " 'select count(*) from zen.tenant' | peek is a definer function"
      })
  void D01_tableThatIsNotBound_stopsTheStart(String change, String fault) throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    TestPostgres.execute(TestPostgres.superuserOf(address), change);
    assertThatThrownBy(() -> Database.open(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create view zen.peek as", "create materialized view zen.peek as"})
  void D04_view_stopsTheStart(String create) throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    TestPostgres.execute(TestPostgres.superuserOf(address), create + " select * from zen.endpoint");
    assertThatThrownBy(() -> Database.open(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("peek is a view");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alter role zen_app bypassrls | alter role zen_app nobypassrls | zen_app has BYPASSRLS",
        "alter role zen_fleet bypassrls | alter role zen_fleet nobypassrls | zen_fleet has BYPASSRLS",
        "grant zen_owner to zen_app | revoke zen_owner from zen_app | zen_app owns endpoint"
      })
  void D01_loginThatPassesBy_stopsTheStart(String change, String undo, String fault)
      throws SQLException {
    PostgresAddress address = TestPostgres.freshDatabase();
    TestPostgres.execute(TestPostgres.superuserOf(address), change);
    try {
      assertThatThrownBy(() -> Database.open(address))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(fault);
    } finally {
      TestPostgres.execute(TestPostgres.superuserOf(address), undo);
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
}
