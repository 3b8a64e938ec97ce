package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Throwables;
import io.zenmesh.xds.identity.IdentityFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded PostgreSQL refuses everyone who lacks any of: TLS, certificate, name, password. */
final class PostgresSecurityIT {
  private static final String ROLE = "zen_app";

  @TempDir static Path folder;
  private static StoreFixture fixture;
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() throws Exception {
    fixture = new StoreFixture(folder);
    MeshFiles files = fixture.files;
    postgres = EmbeddedPostgres.start(fixture.supervisor, MeshStart.postgresSpec(files));
    try (Connection connection = postgres.superuser("postgres");
        Statement statement = connection.createStatement()) {
      for (String role : MeshFiles.LOGIN_ROLES) {
        statement.execute("create role " + role + " login");
      }
    }
    postgres.roles().setPasswords(files.postgresCredentials(), MeshFiles.LOGIN_ROLES);
  }

  @AfterAll
  static void end() {
    fixture.close();
  }

  private static IdentityFiles certificateOf(String role) {
    return new IdentityFiles(fixture.files.postgresCredentials().resolve(role));
  }

  private static Properties login(IdentityFiles identity) throws Exception {
    Properties properties = EmbeddedPostgres.tls(identity);
    properties.setProperty("user", ROLE);
    Path password = fixture.files.postgresCredentials().resolve(ROLE).resolve("password");
    properties.setProperty("password", Files.readString(password));
    return properties;
  }

  private static Connection connect(Properties properties) throws SQLException {
    return DriverManager.getConnection(
        EmbeddedPostgres.url(postgres.address(), "postgres"), properties);
  }

  private static String setting(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("show " + name)) {
      assertThat(result.next()).isTrue();
      return result.getString(1);
    }
  }

  @Test
  void login_certificateNameAndPasswordAgree_isAccepted() throws Exception {
    try (Connection connection = connect(login(certificateOf(ROLE)));
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select current_user, version from pg_stat_ssl where pid = pg_backend_pid()")) {
      assertThat(result.next()).isTrue();
      assertThat(result.getString(1)).isEqualTo(ROLE);
      assertThat(result.getString(2)).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void login_inClearText_isRefused() throws Exception {
    Properties properties = login(certificateOf(ROLE));
    properties.setProperty("sslmode", "disable");
    assertThatThrownBy(() -> connect(properties)).hasMessageContaining("no encryption");
  }

  @Test
  void login_withoutCertificate_isRefused() throws Exception {
    Properties properties = login(certificateOf(ROLE));
    properties.remove("sslcert");
    properties.remove("sslkey");
    properties.remove("pemKeyAlgorithm");
    assertThatThrownBy(() -> connect(properties))
        .hasMessageContaining("requires a valid client certificate");
  }

  @Test
  void login_certificateOfAnotherRole_isRefused() throws Exception {
    assertThatThrownBy(() -> connect(login(certificateOf("zen_owner"))))
        .hasMessageContaining("\"zen_app\"");
  }

  @Test
  void login_wrongPassword_isRefused() throws Exception {
    Properties properties = login(certificateOf(ROLE));
    properties.setProperty("password", "not-it");
    assertThatThrownBy(() -> connect(properties))
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void login_certificateFromAnotherAuthority_isRefused() throws Exception {
    assertThatThrownBy(() -> connect(login(fixture.fromAnotherAuthority(ROLE))))
        .isInstanceOf(SQLException.class)
        // Under TLS 1.3 the alert may come after the client's next write, which then breaks.
        .satisfies(refusal ->
            assertThat(Throwables.getStackTraceAsString(refusal))
                .containsAnyOf("unknown_ca", "Broken pipe", "Connection reset"));
  }

  @Test
  void login_clientTrustsAnotherAuthority_refusesTheServer() throws Exception {
    Properties properties = login(certificateOf(ROLE));
    properties.setProperty("sslrootcert", fixture.strangersRoots().toString());
    assertThatThrownBy(() -> connect(properties)).hasStackTraceContaining("PKIX");
  }

  @Test
  void login_superuserNameWithAnotherCertificate_isRefused() throws Exception {
    Properties properties = login(certificateOf(ROLE));
    properties.setProperty("user", "postgres");
    assertThatThrownBy(() -> connect(properties)).isInstanceOf(SQLException.class);
  }

  @Test
  void settings_commitsAreDurableAndNothingListensElsewhere() throws Exception {
    try (Connection connection = postgres.superuser("postgres")) {
      assertThat(setting(connection, "fsync")).isEqualTo("on");
      assertThat(setting(connection, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(connection, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(setting(connection, "unix_socket_directories")).isEmpty();
      assertThat(setting(connection, "ssl_min_protocol_version")).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void restart_afterKill_keepsWhatWasCommitted() throws Exception {
    try (Connection connection = postgres.superuser("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("create table kept as select 42 as answer");
    }
    postgres.kill();
    postgres.restart();
    try (Connection connection = postgres.superuser("postgres");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select answer from kept")) {
      assertThat(result.next()).isTrue();
      assertThat(result.getInt(1)).isEqualTo(42);
    }
  }

  @Test
  void log_ofTheServer_holdsNoPassword() throws Exception {
    String log = postgres.process().output();
    for (String role : MeshFiles.LOGIN_ROLES) {
      Path password = fixture.files.postgresCredentials().resolve(role).resolve("password");
      assertThat(log).doesNotContain(Files.readString(password));
    }
  }
}
