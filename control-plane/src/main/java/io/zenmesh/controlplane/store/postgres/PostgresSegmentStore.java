package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.Segment;
import io.zenmesh.controlplane.audit.SegmentStore;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Finds closed segments as zen_audit, and prunes them as zen_retention, through the one function
 * that may. Thread-safe.
 */
final class PostgresSegmentStore implements SegmentStore {
  /** Times never run back in a chain, so what counts is a beginning of the oldest entries. */
  private static final String CLOSED =
      """
      with oldest as (
        select e.seq, e.time_micros, e.hash, l.position
          from (select chain, seq, time_micros, hash from audit_entry
              where chain = :chain order by seq limit :most) e
            left join audit_leaf l on l.chain = e.chain and l.seq = e.seq),
      open as (
        select min(seq) as seq from oldest
          where time_micros >= :before or position is null or position >= :places
            or seq = (select seq from audit_head where chain = :chain))
      select f.seq as from_seq, f.time_micros, t.seq as to_seq, t.hash
        from (select seq, time_micros from oldest order by seq limit 1) f,
          (select seq, hash from oldest
            where seq < coalesce((select seq from open), 9223372036854775807)
            order by seq desc limit 1) t
      """;

  private final Jdbi audit;
  private final Jdbi retention;

  PostgresSegmentStore(Jdbi audit, Jdbi retention) {
    this.audit = audit;
    this.retention = retention;
  }

  @Override
  public Optional<Segment> closed(Name chain, Instant before, long places, int most) {
    return transaction(
        audit,
        handle ->
            handle
                .createQuery(CLOSED)
                .bind("chain", chain.value())
                .bind("before", ChronoUnit.MICROS.between(Instant.EPOCH, before))
                .bind("places", places)
                .bind("most", most)
                .map((row, context) ->
                    new Segment(
                        chain,
                        row.getLong("from_seq"),
                        row.getLong("time_micros"),
                        row.getLong("to_seq"),
                        Hash.of(row.getBytes("hash"))))
                .findOne());
  }

  @Override
  public void prune(Segment segment) {
    var _ =
        transaction(
            retention,
            handle ->
                handle
                    .createQuery("select audit_prune(:chain, :from, :to, :hash)")
                    .bind("chain", segment.chain().value())
                    .bind("from", segment.from())
                    .bind("to", segment.to())
                    .bind("hash", segment.hash().bytes())
                    .mapTo(Long.class)
                    .one());
  }

  private static <T> T transaction(Jdbi login, Function<Handle, T> work) {
    try (Handle handle = login.open()) {
      return handle.inTransaction(work::apply);
    } catch (JdbiException e) {
      throw new AuditUnavailableException("audit: " + Failures.reason(e), e);
    }
  }
}
