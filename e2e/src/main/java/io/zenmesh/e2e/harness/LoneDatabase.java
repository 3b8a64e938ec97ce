package io.zenmesh.e2e.harness;

import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;

/** One PostgreSQL with the mesh's database and roles, and no mesh around it: for benchmarks. */
public final class LoneDatabase implements AutoCloseable {
  private final StateDirectory state;
  private final Supervisor supervisor;
  private final PostgresStore store;
  private final EmbeddedPostgres postgres;

  private LoneDatabase(
      StateDirectory state, Supervisor supervisor, PostgresStore store, EmbeddedPostgres postgres) {
    this.postgres = postgres;
    this.state = state;
    this.supervisor = supervisor;
    this.store = store;
  }

  /**
   * Starts it, with everything it writes in {@code folder}.
   *
   * @throws HarnessException when it does not start
   */
  public static LoneDatabase start(Path folder) {
    StateDirectory state = StateDirectory.open(folder);
    Supervisor supervisor = new Supervisor(state.run());
    try {
      MeshFiles files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
      EmbeddedPostgres postgres = EmbeddedPostgres.start(supervisor, MeshStart.postgresSpec(files));
      postgres.roles().bootstrap(files.postgresCredentials(), MeshFiles.LOGIN_ROLES);
      return new LoneDatabase(
          state,
          supervisor,
          new PostgresStore(
              postgres.address(), EmbeddedPostgres.DATABASE, files.postgresCredentials()),
          postgres);
    } catch (RuntimeException e) {
      supervisor.close();
      state.close();
      throw e;
    }
  }

  /** Where it is. */
  public PostgresAddress address() {
    return PostgresAddress.parse(store.address() + "/" + store.database(), store.credentials());
  }

  /** A connection that row level security does not bind; the caller's to close. */
  public Connection superuser() throws SQLException {
    return postgres.superuser(EmbeddedPostgres.DATABASE);
  }

  @Override
  public void close() {
    supervisor.close();
    state.close();
  }
}
