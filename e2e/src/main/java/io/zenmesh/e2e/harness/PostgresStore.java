package io.zenmesh.e2e.harness;

import io.zenmesh.xds.model.HostPort;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the control plane finds PostgreSQL.
 *
 * @param address reached by TLS 1.3 only
 * @param database the database's name
 * @param credentials {@code root.pem} and one folder per login role (certificate, key, password)
 */
public record PostgresStore(HostPort address, String database, Path credentials) {
  static final String URL = "ZEN_PG_URL";
  static final String CREDENTIALS = "ZEN_PG_CREDENTIALS";
  private static final int DEFAULT_PORT = 5432;

  /**
   * The store that the environment names: {@code ZEN_PG_URL} as {@code postgresql://host:port/db}
   * and {@code ZEN_PG_CREDENTIALS}; empty when it names none. Its roles must exist
   * (db/bootstrap/roles.sql).
   *
   * @throws HarnessException when the URL is not of that form; a password has no place in it
   */
  public static Optional<PostgresStore> external(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(URL))
        .filter(text -> !text.isBlank())
        .map(text -> parse(text, environment));
  }

  private static PostgresStore parse(String text, Map<String, String> environment) {
    URI url = StoreUrl.parse(URL, text, "postgresql", "postgresql://host:port/database");
    String database = Optional.ofNullable(url.getPath()).orElse("").replaceFirst("^/", "");
    if (database.isEmpty()) {
      throw new HarnessException(URL + ": no database (expected: postgresql://host:port/database)");
    }
    Path credentials = Path.of(Optional.ofNullable(environment.get(CREDENTIALS)).orElse(""));
    if (!Files.exists(credentials.resolve("root.pem"))) {
      throw new HarnessException(
          CREDENTIALS
              + ": no root.pem in "
              + credentials
              + " (expected: root.pem and a folder per role with svid.pem, key.pem, password)");
    }
    return new PostgresStore(
        StoreUrl.address(url, DEFAULT_PORT), database, credentials.toAbsolutePath());
  }
}
