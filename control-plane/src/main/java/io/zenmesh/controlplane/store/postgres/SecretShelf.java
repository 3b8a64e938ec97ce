package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretRecord;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretStore;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.custody.VersionState;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** The secrets of one tenant, within its context and one transaction. */
final class SecretShelf implements SecretStore.Shelf {
  private static final String SECRET =
      "select name, type, declared, mark is not null as from_file from secret";

  private final Handle handle;
  private final Name tenant;

  SecretShelf(Handle handle, Name tenant) {
    this.handle = handle;
    this.tenant = tenant;
  }

  private record Head(Name name, SecretType type, boolean declared, boolean fromFile) {}

  private static Head head(ResultSet row) throws SQLException {
    return new Head(
        new Name(row.getString("name")),
        SecretType.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
        row.getBoolean("declared"),
        row.getBoolean("from_file"));
  }

  @Override
  public Optional<SecretRecord> find(Name name) {
    return handle
        .createQuery(SECRET + " where tenant = :tenant and name = :name for update")
        .bind("tenant", tenant.value())
        .bind("name", name.value())
        .map((row, context) -> head(row))
        .findOne()
        .map(it -> record(it, histories(Optional.of(name))));
  }

  @Override
  public List<SecretRecord> all() {
    Map<Name, VersionHistory> histories = histories(Optional.empty());
    return handle
        .createQuery(SECRET + " order by name")
        .map((row, context) -> head(row))
        .list()
        .stream()
        .map(it -> record(it, histories))
        .toList();
  }

  private SecretRecord record(Head head, Map<Name, VersionHistory> histories) {
    return new SecretRecord(
        new SecretRef(tenant, head.name()),
        head.type(),
        head.declared(),
        head.fromFile(),
        histories.getOrDefault(head.name(), VersionHistory.empty()));
  }

  private Map<Name, VersionHistory> histories(Optional<Name> only) {
    Map<Name, TreeMap<Long, VersionState>> states = new TreeMap<>();
    handle
        .createQuery(
            "select secret, version, state, not_before, not_after, ended_at from secret_version"
                + " where secret = coalesce(:name, secret)")
        .bind("name", only.map(Name::value))
        .map((row, context) ->
            states
                .computeIfAbsent(new Name(row.getString("secret")), it -> new TreeMap<>())
                .put(row.getLong("version"), VersionColumns.state(row)))
        .list();
    Map<Name, VersionHistory> histories = new TreeMap<>();
    states.forEach((name, versions) -> histories.put(name, new VersionHistory(versions)));
    return histories;
  }

  @Override
  public SecretRecord create(Name name, SecretType type) {
    handle.execute(
        "insert into secret (tenant, name, type, declared) values (?, ?, ?, false)",
        tenant.value(),
        name.value(),
        type.word());
    return new SecretRecord(
        new SecretRef(tenant, name), type, false, false, VersionHistory.empty());
  }

  @Override
  public long nextVersion() {
    return handle
        .createQuery(
            "insert into secret_counter (tenant, last) values (:tenant, 1)"
                + " on conflict (tenant) do update set last = secret_counter.last + 1"
                + " returning last")
        .bind("tenant", tenant.value())
        .mapTo(Long.class)
        .one();
  }

  @Override
  public Optional<SealedVersion> sealed(Name name, long version) {
    return handle
        .createQuery(
            "select algorithm, kek_id, wrapped_key, ciphertext from secret_version"
                + " where tenant = :tenant and secret = :name and version = :version"
                + " and ciphertext is not null")
        .bind("tenant", tenant.value())
        .bind("name", name.value())
        .bind("version", version)
        .map((row, context) -> VersionColumns.sealed(row).orElseThrow())
        .findOne()
        .map(it -> new SealedVersion(new SecretRef(tenant, name), version, it));
  }

  @Override
  public void write(
      Name name, VersionHistory before, VersionHistory after, Optional<SealedSecret> fresh) {
    after
        .versions()
        .forEach((version, state) -> {
          if (!before.versions().containsKey(version)) {
            insert(name, version, state, fresh.orElseThrow());
          } else if (!state.equals(before.versions().get(version))) {
            update(name, version, state);
          }
        });
    if (!after.newest().equals(before.newest())) {
      handle.execute(
          "update secret set version = ? where tenant = ? and name = ?",
          after.newest().orElseThrow(),
          tenant.value(),
          name.value());
    }
  }

  @Override
  public Map<KeyLine, VersionHistory> keyLines() {
    return new KeyRows(handle, tenant).lines();
  }

  @Override
  public Set<Long> rootsOfKeys(Instant now) {
    return new KeyRows(handle, tenant).roots(now);
  }

  @Override
  public long nextKeyVersion(KeyLine line) {
    return new KeyRows(handle, tenant).next(line);
  }

  @Override
  public void writeKeys(
      KeyLine line, VersionHistory before, VersionHistory after, long rootVersion) {
    new KeyRows(handle, tenant).write(line, before, after, rootVersion);
  }

  private void insert(Name name, long version, VersionState state, SealedSecret sealed) {
    VersionColumns.bind(
            handle
                .createUpdate(
                    """
                    insert into secret_version (tenant, secret, version, algorithm, kek_id,
                        wrapped_key, ciphertext, state, not_before, not_after, ended_at)
                      values (:tenant, :name, :version, :algorithm, :kekId, :wrappedKey,
                        :ciphertext, :state, coalesce(:notBefore, :endedAt), :notAfter, :endedAt)
                    """)
                .bind("tenant", tenant.value())
                .bind("name", name.value())
                .bind("version", version)
                .bind("algorithm", sealed.algorithm())
                .bind("kekId", sealed.kekId())
                .bind("wrappedKey", sealed.wrappedKey())
                .bind("ciphertext", sealed.ciphertext()),
            state)
        .execute();
  }

  private void update(Name name, long version, VersionState state) {
    String erased =
        state instanceof VersionState.Destroyed
            ? ", algorithm = null, kek_id = null, wrapped_key = null, ciphertext = null"
            : "";
    VersionColumns.bind(
            handle
                .createUpdate(
                    "update secret_version set "
                        + VersionColumns.ASSIGNMENTS
                        + erased
                        + " where tenant = :tenant and secret = :name and version = :version")
                .bind("tenant", tenant.value())
                .bind("name", name.value())
                .bind("version", version),
            state)
        .execute();
  }
}
