package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Reads a chain as zen_app, within its tenant's context, so that row level security has the last
 * word; the hashes of the log, which are nobody's secret, as zen_audit. Thread-safe.
 */
final class PostgresChainReader implements ChainReader {
  private static final String ENTRIES =
      """
      select e.chain, e.seq, e.time_micros, e.actor_kind, e.actor_id, e.action, e.object,
          e.outcome, e.reason, e.correlation, e.hash, l.position
        from audit_entry e left join audit_leaf l on l.chain = e.chain and l.seq = e.seq
        where e.chain = :chain
      """;

  private static final String TIED_ENTRIES =
      """
      select e.chain, e.seq, e.time_micros, e.actor_kind, e.actor_id, e.action, e.object,
          e.outcome, e.reason, e.correlation, e.hash, l.position,
          coalesce(p.hash, c.hash) as previous
        from audit_entry e left join audit_leaf l on l.chain = e.chain and l.seq = e.seq
          left join audit_entry p on p.chain = e.chain and p.seq = e.seq - 1
          left join audit_cut c on c.chain = e.chain and c.seq = e.seq - 1
        where e.chain = :chain and e.correlation = :correlation and e.correlation <> ''
          and e.seq > :after
        order by e.seq limit :limit
      """;

  private final TenantTx tenants;
  private final Jdbi audit;

  PostgresChainReader(TenantTx tenants, Jdbi audit) {
    this.tenants = tenants;
    this.audit = audit;
  }

  @Override
  public String log() {
    return asAudit(
        handle -> handle.createQuery("select id from audit_log").mapTo(String.class).one());
  }

  @Override
  public Optional<ExportItem.Cut> cut(Name chain) {
    return tenants.here(handle -> PostgresAuditReader.cut(handle, chain));
  }

  @Override
  public List<Recorded> after(Name chain, long seq, int limit) {
    return tenants.here(handle ->
        entries(handle, ENTRIES + " and e.seq > :after order by e.seq limit :limit", chain, limit)
            .bind("after", seq)
            .map(PostgresChainReader::recorded)
            .list());
  }

  @Override
  public List<Recorded> newest(Name chain, int limit) {
    return tenants
        .here(handle ->
            entries(handle, ENTRIES + " order by e.seq desc limit :limit", chain, limit)
                .map(PostgresChainReader::recorded)
                .list())
        .reversed();
  }

  @Override
  public List<Tied> correlated(Name chain, String correlation, long seq, int limit) {
    return tenants.here(handle ->
        entries(handle, TIED_ENTRIES, chain, limit)
            .bind("correlation", correlation)
            .bind("after", seq)
            .map((row, context) ->
                new Tied(
                    recorded(row, context),
                    Optional.ofNullable(row.getBytes("previous")).map(Hash::of)))
            .list());
  }

  private static Query entries(Handle handle, String sql, Name chain, int limit) {
    return handle.createQuery(sql).bind("chain", chain.value()).bind("limit", limit);
  }

  private static Recorded recorded(ResultSet row, StatementContext context) throws SQLException {
    return new Recorded(
        PostgresAuditReader.entry(row), Optional.ofNullable(row.getObject("position", Long.class)));
  }

  @Override
  public List<ClaimedLeaf> leaves(Name chain, long from, int limit) {
    return asAudit(handle ->
        handle
            .createQuery(
                """
                select position, case when chain = :chain then seq end as seq, hash
                  from audit_leaf where position >= :from order by position limit :limit
                """)
            .bind("chain", chain.value())
            .bind("from", from)
            .bind("limit", limit)
            .map((row, context) ->
                new ClaimedLeaf(
                    row.getLong("position"),
                    Optional.ofNullable(row.getObject("seq", Long.class))
                        .map(seq -> new ClaimedLeaf.Place(chain.value(), seq)),
                    Hash.of(row.getBytes("hash"))))
            .list());
  }

  private <T> T asAudit(Function<Handle, T> work) {
    return Failures.translated(() -> {
      try (Handle handle = audit.open()) {
        return work.apply(handle);
      }
    });
  }
}
