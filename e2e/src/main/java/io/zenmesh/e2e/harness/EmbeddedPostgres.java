package io.zenmesh.e2e.harness;

import io.zenmesh.e2e.harness.ChildSpec.StopSignal;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * A real PostgreSQL 18 of our own, with its security on from the first start.
 *
 * <p>Data, write-ahead log and configuration stay in one folder across runs. As root it runs inside
 * a user name space, because PostgreSQL refuses to run with uid 0.
 */
public final class EmbeddedPostgres extends Restartable {
  /** The database of the mesh. */
  public static final String DATABASE = "zen";

  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration GRACE = Duration.ofSeconds(15);

  private final Supervisor supervisor;
  private final Spec spec;

  /**
   * What it is made of.
   *
   * @param name its name in the mesh
   * @param home its folder
   * @param log its log
   * @param port on 127.0.0.1
   * @param server the server's identity
   * @param superuser the certificate with CN {@code postgres}
   */
  public record Spec(
      String name, Path home, Path log, int port, IdentityFiles server, IdentityFiles superuser) {}

  private EmbeddedPostgres(Supervisor supervisor, Spec spec, ChildProcess process) {
    super(process);
    this.supervisor = supervisor;
    this.spec = spec;
  }

  /**
   * Creates the data directory when there is none, starts the server and waits until it answers.
   *
   * @throws HarnessException when it does not, with the end of its log
   */
  public static EmbeddedPostgres start(Supervisor supervisor, Spec spec) {
    Path bin = PostgresBinaries.unpacked(StateDirectory.cacheDirectory());
    PostgresFiles files = new PostgresFiles(spec.home(), spec.server());
    try {
      StateDirectory.createPrivate(spec.home());
      if (!Files.exists(files.data().resolve("PG_VERSION"))) {
        initialise(supervisor, spec, bin, files.data());
      }
      StalePostmaster.end(files.data(), GRACE);
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": " + spec.home() + " cannot be prepared", e);
    }
    EmbeddedPostgres postgres = new EmbeddedPostgres(supervisor, spec, launch(supervisor, spec));
    postgres.awaitReady();
    return postgres;
  }

  public HostPort address() {
    return new HostPort("127.0.0.1", spec.port());
  }

  /** Starts it again after {@link #kill()} or {@link #stop()}, on the same port and data. */
  public void restart() {
    relaunch();
    awaitReady();
  }

  /** A connection as superuser {@code postgres}, by certificate. */
  public Connection superuser(String database) throws SQLException {
    return roles().superuser(database);
  }

  /** The roles of the mesh in it. */
  PostgresRoles roles() {
    return new PostgresRoles(address(), spec.superuser());
  }

  static String url(HostPort address, String database) {
    return "jdbc:postgresql://" + address + "/" + database;
  }

  /** The connection settings of a client with this certificate. */
  static Properties tls(IdentityFiles identity) {
    Properties properties = new Properties();
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", identity.trustBundle().toString());
    properties.setProperty("sslcert", identity.certificateChain().toString());
    properties.setProperty("sslkey", identity.privateKey().toString());
    properties.setProperty("pemKeyAlgorithm", "EC");
    properties.setProperty("connectTimeout", "5");
    return properties;
  }

  private void awaitReady() {
    var _ =
        process()
            .await(
                "accepts connections",
                READY,
                () -> {
                  try (Connection connection = superuser("postgres")) {
                    return Found.value(connection.isValid(1));
                  }
                });
  }

  @Override
  ChildProcess launch() {
    return launch(supervisor, spec);
  }

  private static ChildProcess launch(Supervisor supervisor, Spec spec) {
    Path bin = PostgresBinaries.unpacked(StateDirectory.cacheDirectory());
    PostgresFiles files = new PostgresFiles(spec.home(), spec.server());
    try {
      files.write(spec.port());
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": configuration cannot be written", e);
    }
    List<String> command =
        unprivileged(
            List.of(
                bin.resolve("postgres").toString(),
                "-D",
                files.data().toString(),
                "-c",
                "config_file=" + files.configuration()));
    return supervisor.start(
        ChildSpec.of(spec.name(), command, spec.log())
            .withMarker(files.data().toString())
            .withStop(StopSignal.INT, GRACE)
            .withWave(ChildSpec.Wave.LAST));
  }

  /** Elsewhere first: what an interrupted initdb leaves looks like a data directory and is none. */
  private static void initialise(Supervisor supervisor, Spec spec, Path bin, Path data)
      throws IOException {
    Path draft = data.resolveSibling("data.draft");
    StateDirectory.deleteTree(draft);
    Programs.Outcome outcome =
        supervisor.run(
            spec.name() + "-initdb",
            unprivileged(
                List.of(
                    bin.resolve("initdb").toString(),
                    "--username=postgres",
                    "--auth=reject",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-instructions",
                    "--pgdata=" + draft)));
    if (outcome.status() != 0) {
      throw new HarnessException("postgres: initdb failed", outcome.output());
    }
    StateDirectory.deleteTree(data);
    Files.move(draft, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<String> unprivileged(List<String> command) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return command;
    }
    Path unshare =
        Programs.find("unshare")
            .orElseThrow(() ->
                new HarnessException(
                    "postgres: root cannot run it without unshare (expected: another user,"
                        + " util-linux, or "
                        + PostgresStore.URL
                        + ")"));
    List<String> all = new ArrayList<>(List.of(unshare.toString(), "-U"));
    all.addAll(command);
    return List.copyOf(all);
  }
}
