package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.LogStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** Keeps the places of the log in PostgreSQL, as zen_audit. Thread-safe. */
final class PostgresLogStore implements LogStore {
  /** Any fixed number: two processes must not give places at the same time. */
  private static final long LOCK = 0x7a656e6c6f67L;

  private static final int FETCH = 5_000;

  /** A chain's entries are committed in order, so what is seen of one has no gap. */
  private static final String INTEGRATE =
      """
      insert into audit_leaf (position, chain, seq, hash)
        select (select coalesce(max(position) + 1, 0) from audit_leaf)
            + row_number() over (order by chain, seq) - 1, chain, seq, hash
          from (select h.chain, e.seq, e.hash from audit_head h
              cross join lateral
                (select coalesce(max(l.seq), 0) as seq from audit_leaf l where l.chain = h.chain) d
              cross join lateral
                (select seq, hash from audit_entry
                  where chain = h.chain and seq > d.seq order by seq limit :most) e
            where h.seq > d.seq order by h.chain, e.seq limit :most) fresh
      """;

  /** A plan that was kept from when the tables were empty would read all of them each time. */
  private static final String PLAN_ANEW = "set local plan_cache_mode = force_custom_plan";

  private final Jdbi audit;

  PostgresLogStore(Jdbi audit) {
    this.audit = audit;
  }

  private <T> T transaction(Function<Handle, T> work) {
    try (Handle handle = audit.open()) {
      return handle.inTransaction(work::apply);
    } catch (JdbiException e) {
      throw new AuditUnavailableException("audit: " + Failures.reason(e), e);
    }
  }

  @Override
  public int integrate(int most) {
    return transaction(handle -> {
      boolean alone =
          handle
              .createQuery("select pg_try_advisory_xact_lock(:lock)")
              .bind("lock", LOCK)
              .mapTo(Boolean.class)
              .one();
      if (!alone) {
        return 0;
      }
      handle.execute(PLAN_ANEW);
      return handle.createUpdate(INTEGRATE).bind("most", most).execute();
    });
  }

  @Override
  public boolean anyEntry() {
    return transaction(handle ->
        handle
            .createQuery("select exists (select from audit_head where seq > 0)")
            .mapTo(Boolean.class)
            .one());
  }

  @Override
  public void from(long position, Consumer<Hash> to) {
    var _ =
        transaction(handle -> {
          hashes(handle, position, Long.MAX_VALUE, to);
          return true;
        });
  }

  @Override
  public List<Hash> between(long from, long to) {
    return transaction(handle -> {
      List<Hash> hashes = new ArrayList<>();
      hashes(handle, from, to, hashes::add);
      return hashes;
    });
  }

  private static void hashes(Handle handle, long from, long to, Consumer<Hash> into) {
    handle
        .createQuery(
            "select hash from audit_leaf where position >= :from and position < :to"
                + " order by position")
        .bind("from", from)
        .bind("to", to)
        .setFetchSize(FETCH)
        .map((row, context) -> Hash.of(row.getBytes("hash")))
        .useIterator(rows -> rows.forEachRemaining(into));
  }
}
