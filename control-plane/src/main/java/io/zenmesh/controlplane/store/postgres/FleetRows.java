package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.publish.StateReader;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Reads across tenants as zen_fleet, which may write nothing. Thread-safe. */
final class FleetRows implements StateReader {
  private final HikariDataSource pool;

  FleetRows(HikariDataSource pool) {
    this.pool = pool;
  }

  @Override
  public StoredState read() {
    return snapshot(handle ->
        new StoredState(
            VisibleRows.clusters(handle),
            VisibleRows.secrets(handle),
            VisibleRows.destinations(handle),
            VisibleRows.endpoints(handle)));
  }

  List<Name> tenants() {
    return snapshot(VisibleRows::tenants);
  }

  boolean holdsCiphertexts() {
    return snapshot(handle ->
        handle
            .createQuery("select exists (select from secret_version)")
            .mapTo(Boolean.class)
            .one());
  }

  /** One view for all reads of the work, however long it takes. */
  private <T> T snapshot(Function<Handle, T> work) {
    return Failures.translated(() -> {
      try (Connection connection = pool.getConnection();
          Handle handle = Jdbi.open(connection)) {
        return handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work::apply);
      }
    });
  }
}
