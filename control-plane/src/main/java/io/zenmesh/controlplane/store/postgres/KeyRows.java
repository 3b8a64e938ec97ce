package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.custody.VersionState;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/** The versions of derived keys of one tenant, within its context and one transaction. */
record KeyRows(Handle handle, Name tenant) {
  Map<KeyLine, VersionHistory> lines() {
    Map<KeyLine, TreeMap<Long, VersionState>> states = new HashMap<>();
    handle
        .createQuery("select * from key_version")
        .map((row, context) ->
            states
                .computeIfAbsent(line(row), it -> new TreeMap<>())
                .put(row.getLong("version"), VersionColumns.state(row)))
        .list();
    Map<KeyLine, VersionHistory> lines = new HashMap<>();
    states.forEach((line, versions) -> lines.put(line, new VersionHistory(versions)));
    return lines;
  }

  Set<Long> roots(Instant now) {
    return handle
        .createQuery(
            "select distinct root_version from key_version"
                + " where state = 'live' and (not_after is null or not_after >= :now)")
        .bind("now", now.atOffset(ZoneOffset.UTC))
        .mapTo(Long.class)
        .set();
  }

  static KeyLine line(ResultSet row) throws SQLException {
    return new KeyLine(
        new Name(row.getString("tenant")),
        new Name(row.getString("cluster")),
        Purpose.ofWord(row.getString("purpose")).orElseThrow());
  }

  long next(KeyLine line) {
    return handle
        .createQuery(
            "insert into key_counter (tenant, cluster, purpose, last)"
                + " values (:tenant, :cluster, :purpose, 1)"
                + " on conflict (tenant, cluster, purpose)"
                + " do update set last = key_counter.last + 1 returning last")
        .bind("tenant", tenant.value())
        .bind("cluster", line.cluster().value())
        .bind("purpose", line.purpose().word())
        .mapTo(Long.class)
        .one();
  }

  void write(KeyLine line, VersionHistory before, VersionHistory after, long rootVersion) {
    after
        .versions()
        .forEach((version, state) -> {
          if (!before.versions().containsKey(version)) {
            insert(line, version, state, rootVersion);
          } else if (!state.equals(before.versions().get(version))) {
            update(line, version, state);
          }
        });
  }

  private void insert(KeyLine line, long version, VersionState state, long rootVersion) {
    Update insert =
        handle.createUpdate(
            "insert into key_version (tenant, cluster, purpose, version, root_version, state,"
                + " not_before, not_after, ended_at) values (:tenant, :cluster, :purpose,"
                + " :version, :root, :state, :notBefore, :notAfter, :endedAt)");
    VersionColumns.bind(bind(insert, line, version).bind("root", rootVersion), state).execute();
  }

  private void update(KeyLine line, long version, VersionState state) {
    Update update =
        handle.createUpdate(
            "update key_version set "
                + VersionColumns.ASSIGNMENTS
                + " where tenant = :tenant and cluster = :cluster and purpose = :purpose"
                + " and version = :version");
    VersionColumns.bind(bind(update, line, version), state).execute();
  }

  private Update bind(Update update, KeyLine line, long version) {
    return update
        .bind("tenant", tenant.value())
        .bind("cluster", line.cluster().value())
        .bind("purpose", line.purpose().word())
        .bind("version", version);
  }
}
