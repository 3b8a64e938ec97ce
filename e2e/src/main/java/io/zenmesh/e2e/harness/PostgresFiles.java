package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The configuration of an embedded PostgreSQL: TLS 1.3, a client certificate and SCRAM for every
 * login, durable commits, no Unix socket, nothing on another address than 127.0.0.1.
 *
 * @param home holds {@code data} and the three configuration files
 * @param server the server's certificate and key; its bundle is what client certificates chain to
 */
record PostgresFiles(Path home, IdentityFiles server) {
  /** The superuser comes by certificate alone, everyone else by certificate and password. */
  private static final String HBA =
      """
      hostssl all postgres 127.0.0.1/32 cert map=super
      hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full
      """;

  private static final String IDENT = "super postgres postgres\n";

  Path data() {
    return home.resolve("data");
  }

  Path configuration() {
    return home.resolve("postgresql.conf");
  }

  void write(int port) throws IOException {
    Files.writeString(home.resolve("pg_hba.conf"), HBA);
    Files.writeString(home.resolve("pg_ident.conf"), IDENT);
    Files.writeString(configuration(), String.join("\n", settings(port)) + "\n");
  }

  private List<String> settings(int port) {
    return List.of(
        "listen_addresses = '127.0.0.1'",
        "port = " + port,
        "unix_socket_directories = ''",
        "hba_file = " + quoted(home.resolve("pg_hba.conf")),
        "ident_file = " + quoted(home.resolve("pg_ident.conf")),
        "ssl = on",
        "ssl_cert_file = " + quoted(server.certificateChain()),
        "ssl_key_file = " + quoted(server.privateKey()),
        "ssl_ca_file = " + quoted(server.trustBundle()),
        "ssl_min_protocol_version = 'TLSv1.3'",
        "password_encryption = 'scram-sha-256'",
        "fsync = on",
        "synchronous_commit = on",
        "full_page_writes = on",
        "max_connections = 100",
        "shared_buffers = '32MB'",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "log_destination = 'stderr'",
        "logging_collector = off");
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "''") + "'";
  }
}
