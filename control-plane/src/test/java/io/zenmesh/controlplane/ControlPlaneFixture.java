package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.ArchiveFolder;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.client.PolicyClient;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.wire.ReceiptCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole process over real sockets and a real database, and what a test says to it. */
@ExtendWith(PostgresExtension.class)
abstract class ControlPlaneFixture {
  static final String SERVER_ID = "spiffe://zen.test/control-plane";
  static final NodeId PROCESSOR =
      new NodeId(new Name("edge-local"), NodeRole.EXTPROC, new Name("ingress-1"));

  @TempDir Path home;
  DevPki pki;
  Path mesh;
  PostgresAddress database;
  boolean acceptMissingCheckpoint;
  Optional<Path> archive = Optional.empty();
  Optional<Path> keysetPassphrase = Optional.empty();
  Optional<KeyPlace> keys = Optional.empty();

  @BeforeEach
  void prepare() throws IOException {
    pki = DevPki.openOrCreate(home.resolve("mesh-pki"), "zen.test", Clock.systemUTC());
    mesh = Files.createDirectory(home.resolve("mesh")).resolve("mesh.yaml");
    TestMesh.in(mesh.resolveSibling(""));
    write(TestMesh.all());
    database = TestPostgres.freshDatabase();
  }

  void write(String yaml) throws IOException {
    Files.writeString(mesh, yaml);
  }

  IdentityFiles issue(String path) {
    return pki.issue(home.resolve("id" + path.replace('/', '-')), Leaf.workload(path));
  }

  ControlPlane.Settings settings(InetSocketAddress api) {
    return new ControlPlane.Settings(
        "zen.test",
        issue("/control-plane"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        api,
        database,
        keys.orElseGet(() -> new KeyPlace.Keyset(home.resolve("keyset.json"), keysetPassphrase)),
        mesh,
        true,
        mesh.resolveSibling(""),
        home.resolve("audit"),
        archive.map(it -> () -> new ArchiveFolder(it)),
        Optional.empty(),
        acceptMissingCheckpoint,
        name -> Optional.empty());
  }

  ControlPlane controlPlane() {
    return new ControlPlane(
        settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), Clock.systemUTC());
  }

  /** A processor that accepts everything and keeps what it was told. */
  static final class Processor implements AutoCloseable {
    private final LinkedBlockingQueue<PolicySet> told = new LinkedBlockingQueue<>();
    private final PolicyClient client;

    Processor(IdentityFiles identity, int port) {
      this(identity, port, Optional.empty());
    }

    /** One that refuses every change when there is a reason. */
    Processor(IdentityFiles identity, int port, Optional<String> refusal) {
      client =
          new PolicyClient(
              new PolicyClient.Config(
                  new HostPort("127.0.0.1", port), SERVER_ID, identity, PROCESSOR),
              candidate -> {
                told.add(candidate);
                return refusal;
              });
      client.start();
    }

    PolicySet await(Predicate<PolicySet> wanted) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (true) {
        PolicySet next = told.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new AssertionError("processor was not told in time");
        }
        if (wanted.test(next)) {
          return next;
        }
      }
    }

    /** The client takes policies and knows of its connection a moment later. */
    long deliver(ReceiptBatch batch) throws IOException, InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!client.connected() && System.nanoTime() < end) {
        Thread.sleep(5);
      }
      return client.deliver(ReceiptCodec.encode(batch));
    }

    long deliveredThrough(ReceiptBatch batch) {
      try {
        return deliver(batch);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      client.close();
    }
  }

  static EndpointRef ref(String tenant, String endpoint) {
    return new EndpointRef(new Name(tenant), new Name(endpoint));
  }

  ZenctlRun zenctl(int apiPort, String identityPath, String... arguments) throws IOException {
    Path config = home.resolve("zenctl.yaml");
    Files.writeString(
        config,
        "api: https://127.0.0.1:%d%nidentity: %s%nserver: %s%n"
            .formatted(apiPort, issue(identityPath).directory(), SERVER_ID));
    return ZenctlRun.of(config, arguments);
  }

  /** A processor that has been told policies and refuses every one. */
  Processor refusing(ControlPlane.Ports ports) {
    return new Processor(issue(PROCESSOR.spiffePath()), ports.xds(), Optional.of("test: no"));
  }

  /** The mesh with one endpoint more, {@code acme/added}, applied from {@code other.yaml}. */
  ZenctlRun applyOneMore(ControlPlane.Ports ports) throws IOException {
    Path file = home.resolve("other.yaml");
    Files.writeString(file, TestMesh.all() + TestMesh.endpoint("acme", "added"));
    return zenctl(ports.api(), "/operator/admin", "apply", "-f", file.toString());
  }

  List<String> onRecord(String chain) throws SQLException {
    List<String> entries = new ArrayList<>();
    try (Connection connection = TestPostgres.superuserOf(database);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select actor_id, action, object, outcome, reason from zen.audit_entry"
                    + " where chain = '"
                    + chain
                    + "' order by seq")) {
      while (rows.next()) {
        entries.add(
            rows.getString(1)
                + " "
                + rows.getString(2)
                + " "
                + rows.getString(3)
                + " "
                + rows.getString(4)
                + " "
                + rows.getString(5));
      }
    }
    return entries;
  }
}
