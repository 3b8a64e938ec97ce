package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.AuditReader;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Reads chains and log across tenants, as zen_audit. Thread-safe. */
final class PostgresAuditReader implements AuditReader {
  private static final int FETCH = 2_000;

  private final Jdbi audit;

  PostgresAuditReader(Jdbi audit) {
    this.audit = audit;
  }

  @Override
  public <T> T reading(Function<AuditView, T> work) {
    try (Handle handle = audit.open()) {
      return handle.inTransaction(
          TransactionIsolationLevel.REPEATABLE_READ, it -> work.apply(new View(it)));
    } catch (JdbiException e) {
      throw new AuditUnavailableException("audit: " + Failures.reason(e), e);
    }
  }

  static ClaimedEntry entry(ResultSet row) throws SQLException {
    return new ClaimedEntry(
        row.getString("chain"),
        row.getLong("seq"),
        row.getLong("time_micros"),
        row.getString("actor_kind"),
        row.getString("actor_id"),
        row.getString("action"),
        row.getString("object"),
        row.getString("outcome"),
        row.getString("reason"),
        row.getString("correlation"),
        Hash.of(row.getBytes("hash")));
  }

  /** Where a chain was cut last. */
  static Optional<ExportItem.Cut> cut(Handle handle, Name chain) {
    return handle
        .createQuery(
            "select seq, hash from audit_cut where chain = :chain order by seq desc limit 1")
        .bind("chain", chain.value())
        .map((row, context) ->
            new ExportItem.Cut(chain.value(), row.getLong("seq"), Hash.of(row.getBytes("hash"))))
        .findOne();
  }

  private record View(Handle handle) implements AuditView {
    @Override
    public String log() {
      return handle.createQuery("select id from audit_log").mapTo(String.class).one();
    }

    @Override
    public List<ChainHead> heads() {
      return handle
          .createQuery("select chain, seq, time_micros, hash from audit_head order by chain")
          .map((row, context) ->
              new ChainHead(
                  new Name(row.getString("chain")),
                  row.getLong("seq"),
                  row.getLong("time_micros"),
                  Hash.of(row.getBytes("hash"))))
          .list();
    }

    @Override
    public Optional<ExportItem.Cut> cut(Name chain) {
      return PostgresAuditReader.cut(handle, chain);
    }

    @Override
    public void entries(Name chain, long after, long through, Consumer<ClaimedEntry> to) {
      try (Query query =
          handle.createQuery(
              """
              select chain, seq, time_micros, actor_kind, actor_id, action, object, outcome,
                  reason, correlation, hash
                from audit_entry where chain = :chain and seq > :after and seq <= :through
                order by seq
              """)) {
        query
            .bind("chain", chain.value())
            .bind("after", after)
            .bind("through", through)
            .setFetchSize(FETCH)
            .map((row, context) -> PostgresAuditReader.entry(row))
            .useIterator(rows -> rows.forEachRemaining(to));
      }
    }

    @Override
    public void leaves(long from, long until, Consumer<ClaimedLeaf> to) {
      try (Query query =
          handle.createQuery(
              """
              select position, chain, seq, hash from audit_leaf
                where position >= :from and position < :until order by position
              """)) {
        query
            .bind("from", from)
            .bind("until", until)
            .setFetchSize(FETCH)
            .map((row, context) ->
                new ClaimedLeaf(
                    row.getLong("position"),
                    Optional.of(new ClaimedLeaf.Place(row.getString("chain"), row.getLong("seq"))),
                    Hash.of(row.getBytes("hash"))))
            .useIterator(rows -> rows.forEachRemaining(to));
      }
    }
  }
}
