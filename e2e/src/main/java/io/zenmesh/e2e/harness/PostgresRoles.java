package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGConnection;

/**
 * The database and the login roles of the mesh in a PostgreSQL that is ours.
 *
 * @param address the server
 * @param superuser the certificate with CN {@code postgres}
 */
record PostgresRoles(HostPort address, IdentityFiles superuser) {
  private static final String ROLES = "/db/bootstrap/roles.sql";

  /** A connection as superuser {@code postgres}, by certificate. */
  Connection superuser(String database) throws SQLException {
    Properties properties = EmbeddedPostgres.tls(superuser);
    properties.setProperty("user", "postgres");
    return DriverManager.getConnection(EmbeddedPostgres.url(address, database), properties);
  }

  /**
   * Creates the database and the login roles when they are missing, and sets each role's password
   * from its {@code password} file. The server only ever sees the SCRAM verifier.
   *
   * @param credentials one folder per role
   * @param roles the login roles
   */
  void bootstrap(Path credentials, List<String> roles) {
    try {
      try (Connection connection = superuser("postgres")) {
        createDatabase(connection);
      }
      try (Connection connection = superuser(EmbeddedPostgres.DATABASE)) {
        execute(connection, rolesSql());
      }
      setPasswords(credentials, roles);
    } catch (SQLException | IOException e) {
      throw new HarnessException("postgres " + address + ": roles cannot be set up", e);
    }
  }

  void setPasswords(Path credentials, List<String> roles) throws SQLException, IOException {
    try (Connection connection = superuser("postgres")) {
      for (String role : roles) {
        setPassword(connection, role, credentials.resolve(role).resolve("password"));
      }
    }
  }

  private static void createDatabase(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "select 1 from pg_database where datname = '" + EmbeddedPostgres.DATABASE + "'")) {
      if (found.next()) {
        return;
      }
    }
    execute(connection, "create database " + EmbeddedPostgres.DATABASE);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      var _ = statement.execute(sql);
    }
  }

  private static String rolesSql() throws IOException {
    try (InputStream sql = PostgresRoles.class.getResourceAsStream(ROLES)) {
      return Optional.ofNullable(sql)
          .map(PostgresRoles::text)
          .orElseThrow(() -> new HarnessException("class path: no " + ROLES));
    }
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new HarnessException("class path: " + ROLES + " cannot be read", e);
    }
  }

  private static void setPassword(Connection connection, String role, Path file)
      throws SQLException, IOException {
    char[] password = Files.readString(file, StandardCharsets.US_ASCII).strip().toCharArray();
    // Computes the SCRAM verifier here and wipes the array.
    connection.unwrap(PGConnection.class).alterUserPassword(role, password, "scram-sha-256");
  }
}
