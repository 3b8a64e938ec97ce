package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.AuditEntry;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.xds.model.Name;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;

/** The statements that append to chains; the caller's transaction holds them together. */
final class AuditRows {
  private static final String LOG = "select id from audit_log";

  private static final String LOCK =
      """
      select chain, seq, time_micros, hash from audit_head
        where chain = any (?) order by chain for update
      """;

  private static final String BEGIN =
      """
      insert into audit_head (chain, seq, time_micros, hash) select * from unnest(?, ?, ?, ?)
        on conflict (chain) do nothing
      """;

  private static final String ADVANCE =
      """
      update audit_head set seq = n.seq, time_micros = n.time_micros, hash = n.hash
        from unnest(?, ?, ?, ?) as n (chain, seq, time_micros, hash)
        where audit_head.chain = n.chain
      """;

  private static final String INSERT =
      """
      insert into audit_entry (chain, seq, time_micros, actor_kind, actor_id, action, object,
          outcome, reason, correlation, hash)
        select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String SOURCE =
      "select number from audit_source where source = ? for update";

  private static final String SOURCE_AT =
      """
      insert into audit_source (source, number) values (?, ?)
        on conflict (source) do update set number = excluded.number
      """;

  private AuditRows() {}

  static String log(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOG);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** Begins chains that have no head yet; what another writer begins at the same time is one. */
  static void begin(Connection connection, String log, SortedSet<Name> chains) throws SQLException {
    writeHeads(
        connection, BEGIN, chains.stream().map(chain -> ChainHead.empty(log, chain)).toList());
  }

  /** Locks the heads of these chains, in the order of their names; those that have one. */
  static SortedMap<Name, ChainHead> lock(Connection connection, SortedSet<Name> chains)
      throws SQLException {
    SortedMap<Name, ChainHead> heads = new TreeMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setArray(1, texts(connection, List.copyOf(chains), Name::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Name chain = new Name(rows.getString("chain"));
          heads.put(
              chain,
              new ChainHead(
                  chain,
                  rows.getLong("seq"),
                  rows.getLong("time_micros"),
                  Hash.of(rows.getBytes("hash"))));
        }
      }
    }
    return heads;
  }

  static void advance(Connection connection, Collection<ChainHead> heads) throws SQLException {
    writeHeads(connection, ADVANCE, List.copyOf(heads));
  }

  private static void writeHeads(Connection connection, String sql, List<ChainHead> heads)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, texts(connection, heads, head -> head.chain().value()));
      statement.setArray(2, numbers(connection, heads, ChainHead::seq));
      statement.setArray(3, numbers(connection, heads, ChainHead::timeMicros));
      statement.setArray(4, hashes(connection, heads, ChainHead::hash));
      statement.executeUpdate();
    }
  }

  /** How far a source has come, locked; 0 before its first event. */
  static long source(Connection connection, String source) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SOURCE)) {
      statement.setString(1, source);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  static void sourceAt(Connection connection, String source, long number) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SOURCE_AT)) {
      statement.setString(1, source);
      statement.setLong(2, number);
      statement.executeUpdate();
    }
  }

  static void insert(Connection connection, List<AuditEntry> entries) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setArray(1, texts(connection, entries, it -> it.event().chain().value()));
      statement.setArray(2, numbers(connection, entries, AuditEntry::seq));
      statement.setArray(3, numbers(connection, entries, AuditEntry::timeMicros));
      statement.setArray(4, texts(connection, entries, it -> lower(it.event().actor().kind())));
      statement.setArray(5, texts(connection, entries, it -> it.event().actor().id()));
      statement.setArray(6, texts(connection, entries, it -> it.event().action()));
      statement.setArray(7, texts(connection, entries, it -> it.event().object()));
      statement.setArray(8, texts(connection, entries, it -> lower(it.event().outcome())));
      statement.setArray(9, texts(connection, entries, it -> it.event().reason()));
      statement.setArray(10, texts(connection, entries, it -> it.event().correlation()));
      statement.setArray(11, hashes(connection, entries, AuditEntry::hash));
      statement.executeUpdate();
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <T> Array texts(Connection connection, List<T> rows, Function<T, String> column)
      throws SQLException {
    return connection.createArrayOf("text", rows.stream().map(column).toArray(String[]::new));
  }

  private static <T> Array numbers(Connection connection, List<T> rows, Function<T, Long> column)
      throws SQLException {
    return connection.createArrayOf("bigint", rows.stream().map(column).toArray(Long[]::new));
  }

  private static <T> Array hashes(Connection connection, List<T> rows, Function<T, Hash> column)
      throws SQLException {
    return connection.createArrayOf(
        "bytea", rows.stream().map(column).map(Hash::bytes).toArray(byte[][]::new));
  }
}
