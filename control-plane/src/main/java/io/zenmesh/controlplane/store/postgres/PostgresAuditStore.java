package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.audit.AuditEntry;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditStore;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Keeps chains in PostgreSQL, as zen_audit. Thread-safe.
 *
 * <p>One transaction: the heads of the chains are locked in the order of their names, so that two
 * writers never wait for each other in a circle and one chain has one order; the entries are
 * inserted; the heads advance.
 */
final class PostgresAuditStore implements AuditStore, NumberedTrail {
  private final HikariDataSource pool;
  private final String log;
  private final InstantSource clock;

  /**
   * @param log the id of the log, which every chain begins with
   */
  PostgresAuditStore(HikariDataSource pool, String log, InstantSource clock) {
    this.pool = pool;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public void append(List<AuditEvent> events) {
    var _ =
        inTransaction(connection -> {
          write(connection, events, lock(connection, chains(events)));
          return events.size();
        });
  }

  /**
   * The heads are locked before the source: who holds the source waits for nobody. Two processes
   * that bring the first events of one source at once: the second finds the row of the first, and
   * that it does not advance, and fails.
   */
  @Override
  public int record(String source, List<Numbered> events) {
    return inTransaction(connection -> {
      List<AuditEvent> all = events.stream().map(Numbered::event).toList();
      SortedMap<Name, ChainHead> heads = lock(connection, chains(all));
      long known = AuditRows.source(connection, source);
      List<Numbered> fresh = events.stream().filter(it -> it.number() > known).toList();
      if (!fresh.isEmpty()) {
        write(connection, fresh.stream().map(Numbered::event).toList(), heads);
        AuditRows.sourceAt(connection, source, fresh.getLast().number());
      }
      return fresh.size();
    });
  }

  /** What one transaction does. */
  private interface Work {
    int in(Connection connection) throws SQLException;
  }

  private int inTransaction(Work work) {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        int done = work.in(connection);
        connection.commit();
        return done;
      } catch (SQLException | RuntimeException e) {
        rollback(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw new AuditUnavailableException("audit: " + Failures.reason(e), e);
    }
  }

  private static void rollback(Connection connection, Exception failure) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /** New chains begin in a transaction of their own: else the locks would not be in order. */
  private SortedMap<Name, ChainHead> lock(Connection connection, SortedSet<Name> chains)
      throws SQLException {
    SortedMap<Name, ChainHead> heads = AuditRows.lock(connection, chains);
    if (heads.size() == chains.size()) {
      return heads;
    }
    connection.rollback();
    SortedSet<Name> unknown = new TreeSet<>(chains);
    unknown.removeAll(heads.keySet());
    AuditRows.begin(connection, log, unknown);
    connection.commit();
    return AuditRows.lock(connection, chains);
  }

  private static SortedSet<Name> chains(List<AuditEvent> events) {
    SortedSet<Name> chains = new TreeSet<>();
    events.forEach(event -> chains.add(event.chain()));
    return chains;
  }

  private void write(
      Connection connection, List<AuditEvent> events, SortedMap<Name, ChainHead> heads)
      throws SQLException {
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    List<AuditEntry> entries = new ArrayList<>(events.size());
    for (AuditEvent event : events) {
      ChainHead head = heads.get(event.chain());
      if (head == null) {
        throw new IllegalStateException("audit: head of " + event.chain() + " not locked");
      }
      AuditEntry entry = head.next(event, now);
      entries.add(entry);
      heads.put(event.chain(), head.after(entry));
    }
    AuditRows.insert(connection, entries);
    AuditRows.advance(connection, heads.values());
  }
}
