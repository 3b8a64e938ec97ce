package io.zenmesh.controlplane.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.ResourceStore;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.apply.TenantRows;
import io.zenmesh.controlplane.audit.AuditReader;
import io.zenmesh.controlplane.audit.AuditStore;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.LogStore;
import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.audit.SegmentStore;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KekStore;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretStore;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.custody.WrapLedger;
import io.zenmesh.controlplane.publish.StateReader;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.Repeats;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.model.Name;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Jdbi;

/**
 * The database with its pools, one for each login. Thread-safe.
 *
 * <p>Opening it migrates the schema as the owner, whose connection is closed again, and proves that
 * the logins that stay are bound by row level security.
 */
public final class Database implements AutoCloseable {
  /** At a start; later {@link #SERVING_TIMEOUT_MILLIS}. */
  private static final int BORROW_TIMEOUT_MILLIS = 5_000;

  /** Who waits for a connection is answered within two seconds. */
  private static final int SERVING_TIMEOUT_MILLIS = 1_200;

  private static final int MINIMUM_IDLE = 1;
  private static final int LIFETIME_MILLIS = 600_000;
  private static final int WRITER_TIMEOUT_MILLIS = 1_500;

  private final PostgresAddress address;
  private final HikariDataSource app;
  private final HikariDataSource ledger;
  private final HikariDataSource fleet;
  private final HikariDataSource audit;
  private final HikariDataSource auditWriter;
  private final HikariDataSource receiptWriter;
  private final Optional<HikariDataSource> retention;
  private final TenantTx tenants;
  // One for each pool: what it has parsed of a statement is found again.
  private final Jdbi auditRows;
  private final Optional<Jdbi> retentionRows;
  private final FleetRows fleetRows;

  private Database(PostgresAddress address, boolean prunes, Deque<HikariDataSource> opened) {
    this.address = address;
    this.app = kept(opened, pool(address, Login.APP, Login.APP.poolSize()));
    this.ledger = kept(opened, new HikariDataSource(ledger(address)));
    this.fleet = kept(opened, pool(address, Login.FLEET, Login.FLEET.poolSize()));
    this.audit = kept(opened, pool(address, Login.AUDIT, Login.AUDIT.poolSize()));
    this.auditWriter = kept(opened, new HikariDataSource(writer(address, "-writer")));
    this.receiptWriter = kept(opened, new HikariDataSource(writer(address, "-receipts")));
    this.retention =
        prunes
            ? Optional.of(kept(opened, pool(address, Login.RETENTION, Login.RETENTION.poolSize())))
            : Optional.empty();
    this.tenants = new TenantTx(app);
    this.auditRows = Jdbi.create(audit);
    this.retentionRows = retention.map(Jdbi::create);
    this.fleetRows = new FleetRows(Jdbi.create(fleet));
  }

  /**
   * Migrates, connects and proves the footing.
   *
   * @throws StoreException when the database cannot be reached, refuses a login, or the footing is
   *     not as it must be; the message is one line that says which
   */
  public static Database open(PostgresAddress address) {
    return open(address, false);
  }

  /**
   * The same, and when {@code prunes}, with the login that prunes archived audit entries as well.
   *
   * @throws StoreException as {@link #open(PostgresAddress)} does
   */
  public static Database open(PostgresAddress address, boolean prunes) {
    migrate(address);
    Deque<HikariDataSource> opened = new ArrayDeque<>();
    try {
      Database database = new Database(address, prunes, opened);
      List<DataSource> others = new ArrayList<>(List.of(database.fleet, database.audit));
      database.retention.ifPresent(others::add);
      Footing.prove(database.app, others);
      database.serveSoon();
      return database;
    } catch (RuntimeException e) {
      opened.forEach(HikariDataSource::close);
      throw e;
    }
  }

  private void serveSoon() {
    for (HikariDataSource pool : List.of(app, ledger, fleet)) {
      pool.getHikariConfigMXBean().setConnectionTimeout(SERVING_TIMEOUT_MILLIS);
      pool.getHikariConfigMXBean().setValidationTimeout(SERVING_TIMEOUT_MILLIS / 2);
    }
  }

  private static HikariDataSource kept(Deque<HikariDataSource> opened, HikariDataSource pool) {
    opened.push(pool);
    return pool;
  }

  private static void migrate(PostgresAddress address) {
    Properties properties = address.properties(Login.OWNER);
    // Reached first by hand: Flyway buries the reason of a failed login under its own text.
    try (Connection probe = DriverManager.getConnection(address.url(), properties)) {
      if (!probe.isValid(1)) {
        throw new StoreException(
            unreachable(address, Login.OWNER, "no answer"), new SQLException());
      }
    } catch (SQLException e) {
      throw new StoreException(unreachable(address, Login.OWNER, Failures.reason(e)), e);
    }
    try {
      Flyway.configure()
          .dataSource(new LoginDataSource(address.url(), properties))
          .locations("classpath:db/migration")
          .defaultSchema(Login.SCHEMA)
          .createSchemas(true)
          .cleanDisabled(true)
          .validateMigrationNaming(true)
          .load()
          .migrate();
    } catch (FlywayValidateException e) {
      // Its own text lists checksums; what an operator can do about it is the same each time.
      throw new StoreException(
          "database: its schema was made by another version (expected: the version that made it or"
              + " a later one)",
          e);
    } catch (FlywayException e) {
      throw new StoreException("database: migration failed: " + Failures.reason(e), e);
    }
  }

  private static HikariDataSource pool(PostgresAddress address, Login login, int size) {
    HikariConfig config = config(address, login, size);
    config.setInitializationFailTimeout(1);
    try {
      return new HikariDataSource(config);
    } catch (RuntimeException e) {
      throw new StoreException(unreachable(address, login, Failures.reason(e)), e);
    }
  }

  /**
   * A pool of one connection that appends to the audit record: whatever holds it up, it gives up
   * before its callers do. Receipts have their own: however many come, the API's entries do not
   * wait for them.
   */
  private static HikariConfig writer(PostgresAddress address, String suffix) {
    HikariConfig config = config(address, Login.AUDIT, 1);
    config.setPoolName(Login.AUDIT.role() + suffix);
    config.setConnectionTimeout(WRITER_TIMEOUT_MILLIS);
    config.setValidationTimeout(WRITER_TIMEOUT_MILLIS / 2);
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("connectTimeout", "1");
    config.addDataSourceProperty("socketTimeout", "3");
    config.addDataSourceProperty(
        "options",
        "-c lock_timeout=%d -c statement_timeout=%d"
            .formatted(WRITER_TIMEOUT_MILLIS, WRITER_TIMEOUT_MILLIS));
    return config;
  }

  /**
   * A pool of one connection that counts uses of key-encryption keys. Who seals is at work on a
   * connection already: were this one of the same pool, all of them could wait for each other.
   */
  private static HikariConfig ledger(PostgresAddress address) {
    HikariConfig config = config(address, Login.APP, 1);
    config.setPoolName(Login.APP.role() + "-ledger");
    return config;
  }

  private static HikariConfig config(PostgresAddress address, Login login, int size) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(login.role());
    config.setJdbcUrl(address.url());
    config.setDataSourceProperties(address.properties(login));
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(MINIMUM_IDLE);
    config.setConnectionTimeout(BORROW_TIMEOUT_MILLIS);
    config.setValidationTimeout(1_000);
    config.setMaxLifetime(LIFETIME_MILLIS);
    // A pool of one never has a connection too many; Hikari warns of a timeout for it.
    config.setIdleTimeout(size > MINIMUM_IDLE ? LIFETIME_MILLIS / 2 : 0);
    return config;
  }

  private static String unreachable(PostgresAddress address, Login login, String reason) {
    return "database " + address + ": login " + login.role() + " failed: " + reason;
  }

  /** Whether any secret was ever sealed into it. */
  public boolean holdsCiphertexts() {
    return fleetRows.holdsCiphertexts();
  }

  /** Some sealed versions under each key-encryption key in use. */
  public List<SealedVersion> someOfEachKek() {
    return fleetRows.someOfEachKek();
  }

  /** Reads what the publisher needs. */
  public StateReader stateReader() {
    return fleetRows;
  }

  /**
   * Keeps the desired state.
   *
   * @param envelope seals the values of declared secrets
   * @param mark tells whether such a value has changed
   * @param clock says when a new version begins
   */
  public MeshStore meshStore(Envelope envelope, ValueMark mark, InstantSource clock) {
    return new PostgresMeshStore(
        tenantTx(), fleetRows, new SecretRows.Tools(envelope, mark, clock));
  }

  /** Keeps secrets and their versions. */
  public SecretStore secretStore() {
    return new PostgresSecretStore(tenantTx());
  }

  /** Counts how often key-encryption keys are used. */
  public WrapLedger wrapLedger() {
    return new KekRows(new TenantTx(ledger), fleetRows);
  }

  /** What is wrapped under which key-encryption key. */
  public KekStore kekStore() {
    return new KekRows(tenantTx(), fleetRows);
  }

  /** Changes the desired state piece by piece, but for secrets. */
  public ResourceStore resourceStore(Envelope envelope, ValueMark mark, InstantSource clock) {
    return new PostgresMeshStore(
        tenantTx(), fleetRows, new SecretRows.Tools(envelope, mark, clock));
  }

  /** Reads what one tenant declares. */
  public TenantRows tenantRows() {
    return new PostgresTenantRows(tenantTx());
  }

  /** Keeps what was answered to requests that may come again. */
  public Repeats repeats() {
    return new PostgresRepeats(tenantTx());
  }

  /** Keeps tenants. */
  public TenantStore tenantStore() {
    return new PostgresTenantStore(tenantTx(), fleetRows);
  }

  /** Keeps principals and their tokens. */
  public PrincipalStore principalStore() {
    return new PostgresPrincipalStore(tenantTx());
  }

  /** Keeps the chains of the audit record. */
  public AuditStore auditStore(InstantSource clock) {
    return new PostgresAuditStore(auditWriter, auditReader().reading(AuditView::log), clock);
  }

  /** Puts on record what sources number. */
  public NumberedTrail numberedTrail(InstantSource clock) {
    return new PostgresAuditStore(receiptWriter, auditReader().reading(AuditView::log), clock);
  }

  /**
   * Finds and prunes segments of chains.
   *
   * @throws IllegalStateException when it was not opened for that
   */
  public SegmentStore segmentStore() {
    return new PostgresSegmentStore(
        auditRows,
        retentionRows.orElseThrow(
            () -> new IllegalStateException("database: opened without pruning")));
  }

  /** The retention of each tenant that states one. */
  public Map<Name, Retention> retentions() {
    return fleetRows.retentions();
  }

  /** Keeps the places of the log over all chains. */
  public LogStore logStore() {
    return new PostgresLogStore(auditRows);
  }

  /** Reads one tenant's chain of the audit record, within that tenant's context. */
  public ChainReader chainReader() {
    return new PostgresChainReader(tenantTx(), auditRows);
  }

  /** Reads the audit record, of all chains. */
  public AuditReader auditReader() {
    return new PostgresAuditReader(auditRows);
  }

  /** Whether both logins get an answer now. */
  public boolean reachable() {
    try (Connection one = app.getConnection();
        Connection two = fleet.getConnection()) {
      return one.isValid(1) && two.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  TenantTx tenantTx() {
    return tenants;
  }

  HikariDataSource fleetPool() {
    return fleet;
  }

  HikariDataSource appPool() {
    return app;
  }

  @Override
  public void close() {
    retention.ifPresent(HikariDataSource::close);
    receiptWriter.close();
    auditWriter.close();
    audit.close();
    ledger.close();
    app.close();
    fleet.close();
  }

  @Override
  public String toString() {
    return "Database[" + address + "]";
  }
}
