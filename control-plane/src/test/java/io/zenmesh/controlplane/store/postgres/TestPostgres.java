package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One real PostgreSQL for all tests of a JVM, with the security of production on: TLS 1.3, SCRAM,
 * client certificates, the roles of {@code roles.sql}. Migrated once; each caller gets a copy.
 * {@link PostgresExtension} starts and ends it.
 */
public final class TestPostgres implements AutoCloseable {
  private static final String TEMPLATE = "zen_template";
  private static final AtomicInteger COPIES = new AtomicInteger();
  private static volatile Optional<TestPostgres> running = Optional.empty();

  private final Path home;
  private final DevPki pki;
  private final Path credentials;
  private final EmbeddedPostgres server;

  private TestPostgres() {
    try {
      home = Files.createTempDirectory("zen-pg-");
      pki = DevPki.openOrCreate(home.resolve("pki"), "zen.test", Clock.systemUTC());
      credentials = home.resolve("credentials");
      writeCredentials();
      server = startServer();
      execute(superuser("postgres"), "create database " + TEMPLATE);
      bootstrap(TEMPLATE);
      Database.open(address(TEMPLATE)).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static TestPostgres start() {
    TestPostgres started = new TestPostgres();
    running = Optional.of(started);
    return started;
  }

  private static TestPostgres instance() {
    return running.orElseThrow(() ->
        new IllegalStateException("test database: not running (expected: PostgresExtension)"));
  }

  /** A fresh, migrated database, with nothing in it but the system tenant. */
  public static PostgresAddress freshDatabase() {
    return copyOf(TEMPLATE);
  }

  /** A copy of a database that nobody is connected to: what a backup of now would bring back. */
  public static PostgresAddress copyOf(PostgresAddress address) {
    return copyOf(address.database());
  }

  private static PostgresAddress copyOf(String template) {
    String name = "zen_" + COPIES.incrementAndGet();
    try {
      execute(
          instance().superuser("postgres"),
          "create database " + name + " template " + template + " strategy file_copy");
      instance().bootstrap(name);
    } catch (SQLException | IOException e) {
      throw new IllegalStateException(e);
    }
    return instance().address(name);
  }

  /** A connection that row level security does not bind, to look at what is really there. */
  public static Connection superuserOf(PostgresAddress address) throws SQLException {
    return instance().superuser(address.database());
  }

  /** The same for programs that take a URL, as libpq does. */
  public static String superuserUrl(PostgresAddress address) {
    IdentityFiles postgres = new IdentityFiles(instance().home.resolve("superuser"));
    return "postgresql://postgres@"
        + address
        + "?sslmode=verify-full&sslrootcert="
        + postgres.trustBundle()
        + "&sslcert="
        + postgres.certificateChain()
        + "&sslkey="
        + postgres.privateKey();
  }

  /** A connection as one of the login roles, outside of every pool. */
  static Connection loginOf(PostgresAddress address, Login login) throws SQLException {
    return DriverManager.getConnection(address.url(), address.properties(login));
  }

  private void writeCredentials() throws IOException {
    Files.createDirectories(credentials);
    Files.writeString(credentials.resolve("root.pem"), pki.rootPem());
    for (Login login : Login.values()) {
      pki.issue(credentials.resolve(login.role()), Leaf.client(login.role()));
      Files.writeString(credentials.resolve(login.role()).resolve("password"), password(login));
    }
  }

  private static String password(Login login) {
    return "test-" + login.role() + "\n";
  }

  private EmbeddedPostgres startServer() throws IOException {
    IdentityFiles identity = pki.issue(home.resolve("server"), Leaf.server("postgres-server"));
    IdentityFiles postgres = pki.issue(home.resolve("superuser"), Leaf.client("postgres"));
    Path hba = home.resolve("pg_hba.conf");
    Files.writeString(
        hba,
        """
        hostssl all postgres 127.0.0.1/32 cert
        hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full
        """);
    return EmbeddedPostgres.builder()
        .setDataDirectory(home.resolve("data"))
        .setCleanDataDirectory(true)
        .setPGStartupWait(Duration.ofSeconds(60))
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("hba_file", hba.toString())
        .setServerConfig("ssl", "on")
        .setServerConfig("ssl_cert_file", identity.certificateChain().toString())
        .setServerConfig("ssl_key_file", identity.privateKey().toString())
        .setServerConfig("ssl_ca_file", identity.trustBundle().toString())
        .setServerConfig("ssl_min_protocol_version", "TLSv1.3")
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_connections", "60")
        .setServerConfig("shared_buffers", "32MB")
        .setConnectConfig("sslmode", "verify-full")
        .setConnectConfig("sslrootcert", postgres.trustBundle().toString())
        .setConnectConfig("sslcert", postgres.certificateChain().toString())
        .setConnectConfig("sslkey", postgres.privateKey().toString())
        .setConnectConfig("pemKeyAlgorithm", "EC")
        .start();
  }

  private PostgresAddress address(String database) {
    return new PostgresAddress("127.0.0.1", server.getPort(), database, credentials);
  }

  private Connection superuser(String database) throws SQLException {
    Properties properties = address(database).properties(Login.OWNER);
    IdentityFiles postgres = new IdentityFiles(home.resolve("superuser"));
    properties.setProperty("user", "postgres");
    properties.setProperty("sslcert", postgres.certificateChain().toString());
    properties.setProperty("sslkey", postgres.privateKey().toString());
    properties.setProperty("channelBinding", "prefer");
    return DriverManager.getConnection(address(database).url(), properties);
  }

  private void bootstrap(String database) throws SQLException, IOException {
    try (InputStream sql = TestPostgres.class.getResourceAsStream("/db/bootstrap/roles.sql")) {
      if (sql == null) {
        throw new IOException("roles.sql is missing");
      }
      execute(superuser(database), new String(sql.readAllBytes(), StandardCharsets.UTF_8));
    }
    for (Login login : Login.values()) {
      execute(
          superuser(database),
          "alter role " + login.role() + " password '" + password(login).strip() + "'");
    }
  }

  /** Executes one statement, and closes the connection. */
  public static void execute(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException {
    running = Optional.empty();
    // Closing gives up waiting after some seconds; a server still ending would trip the deletion.
    Optional<ProcessHandle> process = serverProcess();
    server.close();
    process.ifPresent(it -> it.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    List<Path> files;
    try (Stream<Path> all = Files.walk(home)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private Optional<ProcessHandle> serverProcess() throws IOException {
    Path pid = home.resolve("data").resolve("postmaster.pid");
    return ProcessHandle.of(Long.parseLong(Files.readAllLines(pid).getFirst().strip()));
  }
}
