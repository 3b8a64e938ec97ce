package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.tenant.CommitWatch;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The only door to tenants' rows: a transaction in which row level security shows one tenant.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The context is set with {@code set_config(..., true)}, so it ends with the transaction; a
 * connection that comes out of the pool with a context is thrown away and the work refused. Work
 * for one tenant cannot open the door for another, on the same thread. Thread-safe.
 */
final class TenantTx {
  private static final String CONTEXT = "zen.tenant";
  private static final String ENTER =
      "select set_config('zen.tenant', ?, true)"
          + " where coalesce(current_setting('zen.tenant', true), '') = ''";

  private static final long PATIENCE_MILLIS = 800;

  private final HikariDataSource pool;
  // One for all: what it has parsed of a statement, and how rows are mapped, is found again.
  private final Jdbi jdbi;
  private final Semaphore room;

  TenantTx(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
    this.room = new Semaphore(pool.getMaximumPoolSize(), true);
  }

  /**
   * Runs work when a connection is free, or soon is: a full pool is said at once, for it is worse
   * to have every caller wait.
   */
  private <T> T withRoom(Failures.Work<T> work) {
    return Failures.translated(() -> {
      try {
        if (!room.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new SQLTransientConnectionException("all connections are busy");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SQLTransientConnectionException("interrupted");
      }
      try {
        return work.run();
      } finally {
        room.release();
      }
    });
  }

  /**
   * Runs one transaction on the rows of the tenant of {@link TenantContext}.
   *
   * @throws IllegalStateException outside of a context
   */
  <T> T here(Function<Handle, T> work) {
    Name tenant = TenantContext.required();
    return withRoom(() -> {
      try (Handle handle = jdbi.open()) {
        return handle.inTransaction(it -> {
          enter(it.getConnection(), tenant);
          return watched(it, work);
        });
      }
    });
  }

  /** Sets the context where there is none yet: one statement, sent together with the begin. */
  private void enter(Connection connection, Name tenant) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ENTER)) {
      statement.setString(1, tenant.value());
      try (ResultSet entered = statement.executeQuery()) {
        if (!entered.next()) {
          throw leftBehind(connection);
        }
      }
    }
  }

  /** A transaction over several tenants, one after the other, never two at once. */
  interface Tour {
    /**
     * Runs work on the rows of one tenant; the context is empty again after it.
     *
     * @throws IllegalStateException when called from work for a tenant
     */
    <T> T visit(Name tenant, Function<Handle, T> work);

    /** Waits until no other transaction holds this lock, and holds it to the end. */
    void lock(long key);
  }

  /**
   * Runs one transaction that visits tenants in turn: what it changes becomes visible for all of
   * them at once or for none.
   *
   * @throws IllegalStateException when called from work for a tenant
   */
  <T> T touring(Function<Tour, T> work) {
    TenantContext.current()
        .ifPresent(it -> {
          throw new IllegalStateException(
              "tenant context: " + it + " (expected: none, to visit several)");
        });
    return transaction(handle -> work.apply(new HandleTour(handle)));
  }

  private record HandleTour(Handle handle) implements Tour {
    @Override
    public <T> T visit(Name tenant, Function<Handle, T> work) {
      TenantContext.current()
          .ifPresent(it -> {
            throw new IllegalStateException(
                "tenant context: " + it + " (expected: none, to enter " + tenant + ")");
          });
      T result = within(handle, tenant, work);
      setContext(handle, "");
      return result;
    }

    @Override
    public void lock(long key) {
      handle.execute("select pg_advisory_xact_lock(?)", key);
    }
  }

  private static <T> T within(Handle handle, Name tenant, Function<Handle, T> work) {
    setContext(handle, tenant.value());
    return TenantContext.within(tenant, () -> work.apply(handle));
  }

  private static void setContext(Handle handle, String tenant) {
    handle
        .createQuery("select set_config('" + CONTEXT + "', :tenant, true)")
        .bind("tenant", tenant)
        .mapTo(String.class)
        .one();
  }

  private <T> T transaction(Function<Handle, T> work) {
    return withRoom(() -> {
      try (Handle handle = jdbi.open()) {
        proveEmptyContext(handle.getConnection());
        return handle.inTransaction(it -> watched(it, work));
      }
    });
  }

  /** Says, where somebody asks, that what was written is about to be committed. */
  private static <T> T watched(Handle handle, Function<Handle, T> work) {
    T result = work.apply(handle);
    if (CommitWatch.watched() && wrote(handle)) {
      CommitWatch.committing();
    }
    return result;
  }

  /** PostgreSQL gives a transaction its number with the first row that it writes or locks. */
  private static boolean wrote(Handle handle) {
    return handle
        .createQuery("select pg_current_xact_id_if_assigned() is not null")
        .mapTo(Boolean.class)
        .one();
  }

  /** What an earlier borrower left behind must never decide what this one sees. */
  private void proveEmptyContext(Connection connection) throws SQLException {
    String left;
    try (PreparedStatement statement =
            connection.prepareStatement(
                "select coalesce(current_setting('" + CONTEXT + "', true), '')");
        ResultSet result = statement.executeQuery()) {
      result.next();
      left = result.getString(1);
    }
    if (!left.isEmpty()) {
      throw leftBehind(connection);
    }
  }

  private IllegalStateException leftBehind(Connection connection) {
    pool.evictConnection(connection);
    return new IllegalStateException(
        "tenant context: left on a pooled connection (expected: none)");
  }
}
