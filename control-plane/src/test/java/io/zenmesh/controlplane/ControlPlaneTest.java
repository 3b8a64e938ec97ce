package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.custody.KeysetFile;
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
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole process over real sockets and a real database. */
@ExtendWith(PostgresExtension.class)
class ControlPlaneTest {
  private static final String SERVER_ID = "spiffe://zen.test/control-plane";
  private static final NodeId PROCESSOR =
      new NodeId(new Name("edge-local"), NodeRole.EXTPROC, new Name("ingress-1"));

  @TempDir Path home;
  private DevPki pki;
  private Path mesh;
  private PostgresAddress database;
  private boolean acceptMissingCheckpoint;
  private Optional<Path> keysetPassphrase = Optional.empty();

  @BeforeEach
  void prepare() throws IOException {
    pki = DevPki.openOrCreate(home.resolve("mesh-pki"), "zen.test", Clock.systemUTC());
    mesh = Files.createDirectory(home.resolve("mesh")).resolve("mesh.yaml");
    TestMesh.in(mesh.resolveSibling(""));
    write(TestMesh.all());
    database = TestPostgres.freshDatabase();
  }

  private void write(String yaml) throws IOException {
    Files.writeString(mesh, yaml);
  }

  private IdentityFiles issue(String path) {
    return pki.issue(home.resolve("id" + path.replace('/', '-')), Leaf.workload(path));
  }

  private ControlPlane.Settings settings(InetSocketAddress api) {
    return new ControlPlane.Settings(
        "zen.test",
        issue("/control-plane"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        api,
        database,
        home.resolve("keyset.json"),
        keysetPassphrase,
        mesh,
        true,
        mesh.resolveSibling(""),
        home.resolve("audit"),
        acceptMissingCheckpoint,
        name -> Optional.empty());
  }

  private ControlPlane controlPlane() {
    return new ControlPlane(
        settings(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), Clock.systemUTC());
  }

  /** A processor that accepts everything and keeps what it was told. */
  private static final class Processor implements AutoCloseable {
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

    @Override
    public void close() {
      client.close();
    }
  }

  private static EndpointRef ref(String tenant, String endpoint) {
    return new EndpointRef(new Name(tenant), new Name(endpoint));
  }

  private ZenctlRun zenctl(int apiPort, String identityPath, String... arguments)
      throws IOException {
    Path config = home.resolve("zenctl.yaml");
    Files.writeString(
        config,
        "api: https://127.0.0.1:%d%nidentity: %s%nserver: %s%n"
            .formatted(apiPort, issue(identityPath).directory(), SERVER_ID));
    return ZenctlRun.of(config, arguments);
  }

  @Test
  void meshFile_reachesTheProcessorAndIsSeenByTheOperator() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        PolicySet told = processor.await(it -> it.policies().size() == 2 && it.keys().size() == 2);
        assertThat(told.policies()).containsOnlyKeys(ref("acme", "zen"), ref("globex", "zen"));
        assertThat(told.keys().get(ref("acme", "zen")))
            .hasToString("EndpointKeys[acme/zen, [VerificationKey[signing.1]]]");

        ZenctlRun status = zenctl(ports.api(), "/operator/admin", "proxy", "status");
        assertThat(status.err()).isEmpty();
        assertThat(status.exitCode()).isZero();
        assertThat(status.out().lines())
            .anyMatch(it -> it.matches("edge-local/extproc/ingress-1 +yes +POLICY +ACKED +2 .*"))
            .anyMatch(it -> it.matches("edge-local/extproc/ingress-1 +yes +KEYS +ACKED +2 .*"))
            .anyMatch(it -> it.matches("edge-local/envoy/ingress-1 +no +LISTENER +PENDING +1 .*"))
            .anyMatch(it -> it.startsWith("edge-local/envoy/egress-1 "));

        write(TestMesh.all() + TestMesh.endpoint("acme", "second"));
        processor.await(it -> it.policies().containsKey(ref("acme", "second")));
        write(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "second"));
        processor.await(it -> it.policies().size() == 1 && it.keys().size() == 1);
      }
    }
  }

  @Test
  void badMeshFile_leavesWhatRuns() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.policies().size() == 2);
        write("kind: Nonsense\n");
        ZenctlRun refused = zenctl(ports.api(), "/operator/admin", "apply", "-f", mesh.toString());
        assertThat(refused.exitCode()).isOne();
        assertThat(refused.err()).contains("mesh.yaml:1: Nonsense #1: apiVersion: missing");
        write(TestMesh.all() + TestMesh.endpoint("globex", "third"));
        PolicySet told = processor.await(it -> it.policies().containsKey(ref("globex", "third")));
        assertThat(told.policies()).hasSize(3);
      }
    }
  }

  @Test
  void apply_takesEffectAndTellsTheChanges() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      Path file = home.resolve("other.yaml");
      Files.writeString(file, TestMesh.all() + TestMesh.endpoint("acme", "added"));
      ZenctlRun applied = zenctl(ports.api(), "/operator/admin", "apply", "-f", file.toString());
      assertThat(applied.out()).contains("added Endpoint acme/added").contains("1 changes");
      assertThat(applied.exitCode()).isZero();
      ZenctlRun json = zenctl(ports.api(), "/operator/admin", "proxy", "status", "-o", "json");
      assertThat(json.out()).contains("\"node\" : \"edge-local/extproc/ingress-2\"");
    }
  }

  @Test
  void apply_endsWithOneWhenANodeRefuses() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor =
          new Processor(issue(PROCESSOR.spiffePath()), ports.xds(), Optional.of("test: no"))) {
        processor.await(it -> !it.policies().isEmpty());
        Path file = home.resolve("other.yaml");
        Files.writeString(file, TestMesh.all() + TestMesh.endpoint("acme", "added"));
        ZenctlRun applied = zenctl(ports.api(), "/operator/admin", "apply", "-f", file.toString());
        assertThat(applied.out()).contains("stored and sent, 1 changes");
        assertThat(applied.err()).contains("node edge-local/extproc/ingress-1 refused or lags");
        assertThat(applied.exitCode()).isOne();
      }
    }
  }

  @Test
  void X01_nodeCertificate_opensNothingOfTheApi() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      for (String path :
          new String[] {
            PROCESSOR.spiffePath(), "/control-plane", "/operator", "/operator/a/b", "/operators/a"
          }) {
        ZenctlRun refused = zenctl(ports.api(), path, "proxy", "status");
        assertThat(refused.exitCode()).as(path).isOne();
        assertThat(refused.err()).contains("answered 401: A good client certificate or token");
      }
    }
  }

  @Test
  void restart_publishesTheStoredStateAndKeepsSecretVersions() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    try (ControlPlane again = controlPlane()) {
      ControlPlane.Ports ports = again.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        PolicySet told = processor.await(it -> it.keys().size() == 2);
        assertThat(told.keys().get(ref("acme", "zen"))).asString().contains("signing.1");
      }
    }
  }

  @Test
  void refusedMeshFileAtRestart_leavesTheStoredStateInForce() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    write("kind: Nonsense\n");
    try (ControlPlane again = controlPlane()) {
      ControlPlane.Ports ports = again.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.policies().size() == 2 && it.keys().size() == 2);
        write(TestMesh.all() + TestMesh.endpoint("acme", "mended"));
        processor.await(it -> it.policies().containsKey(ref("acme", "mended")));
      }
    }
  }

  @Test
  void K04_lostOrStrangeKeyset_refusesToStart() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    Path keyset = home.resolve("keyset.json");
    byte[] good = Files.readAllBytes(keyset);
    Files.delete(keyset);
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is missing and the database holds sealed secrets");
    assertThat(keyset).doesNotExist();

    KeysetFile.openOrCreate(keyset, false);
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("keyset: does not open secret");

    Files.write(keyset, good);
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
  }

  private List<String> onRecord(String chain) throws SQLException {
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

  @Test
  void whoConnectsWhatChangesAndWhatIsRefused_isOnRecord() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor =
          new Processor(issue(PROCESSOR.spiffePath()), ports.xds(), Optional.of("test: no"))) {
        processor.await(it -> !it.policies().isEmpty());
      }
      Path file = home.resolve("other.yaml");
      Files.writeString(file, TestMesh.all() + TestMesh.endpoint("acme", "added"));
      zenctl(ports.api(), "/operator/admin", "apply", "-f", file.toString());
    }
    assertThat(onRecord("system"))
        .startsWith("control-plane process.start process/control-plane done ")
        .endsWith("control-plane process.stop process/control-plane done ")
        .contains(
            "control-plane mesh.publish mesh/stored done ",
            PROCESSOR.spiffePath() + " node.connect xds/control-plane allowed ",
            PROCESSOR.spiffePath() + " node.disconnect xds/control-plane done ")
        .anyMatch(it ->
            it.startsWith(PROCESSOR.spiffePath() + " node.reject xds/") && it.endsWith("test: no"))
        .anyMatch(it -> it.matches("mesh-file mesh.apply mesh/mesh.yaml done \\d+_changes"))
        .anyMatch(it -> it.matches(".*/operator/admin mesh.apply mesh/other.yaml done 1_changes"));
    assertThat(onRecord("acme"))
        .contains("mesh-file mesh.added endpoint/acme/zen done ")
        .anyMatch(it -> it.matches(".*/operator/admin mesh.added endpoint/acme/added done "));
    assertThat(onRecord("globex")).noneMatch(it -> it.contains("acme"));
  }

  @Test
  void record_isListedExportedAndVerifiedByTheCommandLine() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      ZenctlRun list = zenctl(ports.api(), "/operator/admin", "audit", "list", "--tenant", "acme");
      assertThat(list.err()).isEmpty();
      assertThat(list.out()).contains("mesh.added").contains("endpoint/acme/zen");
      ZenctlRun tail = zenctl(ports.api(), "/operator/admin", "audit", "tail", "--rounds", "1");
      assertThat(tail.out()).contains("mesh.publish");

      Path export = home.resolve("acme.jsonl.gz");
      Path note = home.resolve("note");
      Path key = home.resolve("key");
      String[] exporting = {"audit", "export", "--tenant", "acme", "--out", export.toString()};
      assertThat(zenctl(ports.api(), "/operator/admin", exporting).err()).isEmpty();
      assertThat(zenctl(ports.api(), "/operator/admin", exporting).exitCode()).isEqualTo(2);
      Files.writeString(note, zenctl(ports.api(), "/operator/admin", "audit", "checkpoint").out());
      Files.writeString(
          key, zenctl(ports.api(), "/operator/admin", "audit", "checkpoint", "--key").out());
      ZenctlRun verified =
          zenctl(
              ports.api(),
              "/operator/admin",
              "audit",
              "verify",
              "--export",
              export.toString(),
              "--from-checkpoint",
              note.toString(),
              "--key",
              key.toString());
      assertThat(verified.err()).isEmpty();
      assertThat(verified.out()).contains("whole: ").contains("1 checkpoints agree");

      ZenctlRun later =
          zenctl(
              ports.api(),
              "/operator/admin",
              "audit",
              "checkpoint",
              "--since",
              note.toString(),
              "--trusted-key",
              key.toString());
      assertThat(later.err()).isEmpty();
      assertThat(SignedCheckpoint.parse(later.out()).size())
          .isGreaterThanOrEqualTo(SignedCheckpoint.parse(Files.readString(note)).size());
    }
  }

  @Test
  void F16_databaseOlderThanItsCheckpoint_refusesToStart() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    PostgresAddress current = database;
    database = TestPostgres.freshDatabase();
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("audit")
        .hasMessageContaining("or an older copy of it (expected: restore the newest");
    database = current;
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
  }

  @Test
  void F16_lostCheckpoint_refusesToStartUnlessAccepted_whichIsOnRecord() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    Files.delete(home.resolve("audit").resolve("checkpoint"));
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("--accept-missing-checkpoint");
    acceptMissingCheckpoint = true;
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    assertThat(onRecord("system"))
        .anyMatch(it -> it.startsWith("control-plane audit.accept_missing_checkpoint audit/"));
  }

  @Test
  void K04_sealedKeyset_opensWithItsPassphraseOnly() throws Exception {
    Path passphrase = home.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery\n");
    Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
    keysetPassphrase = Optional.of(passphrase);
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    keysetPassphrase = Optional.empty();
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("does not open (expected: a Tink AEAD keyset in JSON)");
  }

  @Test
  void secretsAndKeys_areHandledByTheOperator_andReachTheProcessor() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.keys().size() == 2);
        Path value = home.resolve("value");
        Files.writeString(value, TestMesh.zenKey(9) + "\n");
        ZenctlRun rotated =
            operator(ports, "secret", "rotate", "signing", "--secret-file", value.toString());
        assertThat(rotated.err()).doesNotContain("zenk1_");
        assertThat(rotated.out()).contains("signing version 2: stored and sent");
        processor.await(it -> keysOf(it).contains("signing.2") && keysOf(it).contains("signing.1"));
        assertThat(operator(ports, "secret", "status", "signing").out().lines())
            .anyMatch(it ->
                it.matches("edge-local/extproc/ingress-1 +acme/zen +\\[1, 2] +\\[1, 2] +.*yes"));

        assertThat(
                operator(ports, "secret", "revoke", "signing", "--version-number", "1").exitCode())
            .isZero();
        processor.await(it -> !keysOf(it).contains("signing.1"));

        Path key = home.resolve("issued.key");
        ZenctlRun issued =
            operator(
                ports,
                "key",
                "issue",
                "--cluster",
                "edge-local",
                "--purpose",
                "ingress",
                "--out",
                key.toString());
        assertThat(issued.err()).isEqualToIgnoringNewLines("zenctl: issued acme.edge-local.1");
        assertThat(Files.readString(key)).matches("zenk1_[A-Za-z0-9_-]{43}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
            .isEqualTo("rw-------");
        processor.await(it -> keysOf(it).contains("acme.edge-local.1"));

        assertThat(zenctl(ports.api(), "/operator/admin", "kek", "rotate").out())
            .contains("data keys wrapped anew, destroyed [");
        assertThat(operator(ports, "secret", "list").out()).contains("signing", "revoked");
      }
    }
  }

  private static String keysOf(PolicySet set) {
    return String.valueOf(set.keys().get(ref("acme", "zen")));
  }

  private ZenctlRun operator(ControlPlane.Ports ports, String... arguments) throws IOException {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--tenant";
    all[arguments.length + 1] = "acme";
    return zenctl(ports.api(), "/operator/admin", all);
  }

  @Test
  void malformedMeshFile_refusesToStartWithAllProblems() throws IOException {
    write("kind: Tenant\n---\nkind: Nonsense\n");
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(Main.USAGE))
        .hasMessageContaining("mesh.yaml:1: Tenant #1: metadata: missing")
        .hasMessageContaining("mesh.yaml:3: Nonsense #2: kind: Nonsense");
  }

  @Test
  void takenPort_isOneClearLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ControlPlane controlPlane =
          new ControlPlane(
              settings(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort())),
              Clock.systemUTC());
      assertThatThrownBy(controlPlane::start)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort() + " cannot be bound")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
  }

  @Test
  void databaseAway_isOneClearLine() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    database = new PostgresAddress("127.0.0.1", free, "zen", database.credentials());
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("database 127.0.0.1:" + free + "/zen: login zen_owner failed: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
