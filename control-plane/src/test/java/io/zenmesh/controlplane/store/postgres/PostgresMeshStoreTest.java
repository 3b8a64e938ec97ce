package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.Change;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.StoredSecret;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PostgresExtension.class)
class PostgresMeshStoreTest {
  @TempDir Path folder;
  private PostgresAddress address;
  private Database database;
  private MeshStore store;
  private Envelope envelope;
  private TestMesh files;

  @BeforeEach
  void open() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    files = TestMesh.in(folder);
    envelope =
        new Envelope(
            KeysetFile.openOrCreate(folder.resolve("keyset.json"), false), new SecureRandom());
    store = database.meshStore(envelope);
  }

  @AfterEach
  void end() {
    database.close();
  }

  private List<String> replace(String yaml) {
    try (Mesh mesh = files.mesh(yaml)) {
      return store.replace(mesh, changes -> {}).stream().map(PostgresMeshStoreTest::text).toList();
    }
  }

  private static String text(Change change) {
    return change.kind() + " " + change.subject();
  }

  private StoredState stored() {
    return database.stateReader().read();
  }

  private StoredSecret signing(String tenant) {
    return stored().secrets().stream()
        .filter(it -> it.ref().tenant().value().equals(tenant))
        .filter(it -> it.ref().name().value().equals("signing"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void storedState_isWhatTheMeshSays() {
    replace(TestMesh.all());
    try (Mesh mesh = files.mesh(TestMesh.all())) {
      assertThat(stored().clusters()).isEqualTo(mesh.clusters());
      assertThat(stored().destinations()).containsExactlyInAnyOrderElementsOf(mesh.destinations());
      assertThat(stored().endpoints()).containsExactlyInAnyOrderElementsOf(mesh.endpoints());
      assertThat(stored().secrets()).hasSize(mesh.secrets().size());
    }
    try (SecretBytes opened =
            envelope.open(signing("acme").ref(), 1, signing("acme").sealed().orElseThrow());
        SecretBytes expected =
            SecretBytes.takeOver(TestMesh.zenKey(1).getBytes(StandardCharsets.UTF_8))) {
      assertThat(opened.sameAs(expected)).isTrue();
    }
  }

  @Test
  void callersOfAnEndpoint_surviveTheStoreAndGoAgain() {
    String open = TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen");
    String guarded = open + TestMesh.callers();
    for (String yaml : List.of(guarded, open, guarded)) {
      replace(yaml);
      try (Mesh mesh = files.mesh(yaml)) {
        assertThat(stored().endpoints()).isEqualTo(mesh.endpoints());
      }
      assertThat(replace(yaml)).isEmpty();
    }
  }

  @Test
  void everySetting_survivesTheStore() {
    String settings =
        """
          tolerance: 120s
          maxBodyBytes: 4096
          publicUrl: https://hooks.acme.test:8443
          onDuplicate: acknowledge
          onStoreLoss: accept
        """;
    String yaml =
        TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen") + settings;
    replace(yaml);
    try (Mesh mesh = files.mesh(yaml)) {
      assertThat(stored().endpoints()).isEqualTo(mesh.endpoints());
    }
  }

  @Test
  void dryRunAndSettings_surviveTheStore_andGoAgain() {
    String platform = TestMesh.platform() + TestMesh.tenant("acme");
    String sns =
        TestMesh.endpoint("acme", "hook")
                .replace("scheme: zen", "scheme: aws-sns")
                .replace("  secretRefs: [signing]\n", "")
            + """
              enforce: false
              topicArns: ["arn:aws:sns:eu-west-1:123456789012:orders"]
              autoConfirm: true
              webhookOrigins: [a.test, b.test]
            """;
    String asana =
        TestMesh.endpoint("acme", "handshake").replace("scheme: zen", "scheme: asana")
            + "  handshakeUntil: \"2026-01-31T12:00:00Z\"\n";
    String meta =
        TestMesh.endpoint("acme", "meta").replace("scheme: zen", "scheme: meta")
            + "  verifyTokenRef: signing\n";
    replace(platform + sns + asana + meta);
    try (Mesh mesh = files.mesh(platform + sns + asana + meta)) {
      assertThat(stored().endpoints()).containsExactlyInAnyOrderElementsOf(mesh.endpoints());
    }
    assertThat(replace(platform + sns + asana + meta)).isEmpty();
    assertThat(replace(platform + sns.replace("enforce: false", "enforce: true") + asana + meta))
        .containsExactly("CHANGED Endpoint acme/hook");
  }

  @Test
  void sameMeshTwice_changesNothing() {
    assertThat(replace(TestMesh.all()))
        .contains(
            "ADDED Tenant acme", "ADDED Endpoint globex/zen", "ADDED Cluster system/edge-local");
    assertThat(replace(TestMesh.all())).isEmpty();
  }

  @Test
  void whatTheFileNoLongerNames_isGone() {
    replace(TestMesh.all());
    assertThat(
            replace(
                TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen")))
        .containsExactlyInAnyOrder(
            "REMOVED Endpoint globex/zen",
            "REMOVED Destination globex/target",
            "REMOVED Secret globex/signing",
            "REMOVED Secret globex/target-ca",
            "REMOVED Tenant globex");
    assertThat(replace("apiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: last}\n"))
        .contains("REMOVED Cluster system/edge-local", "REMOVED Tenant acme");
    assertThat(stored()).isEqualTo(new StoredState(List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void changedSecret_getsANewVersionAndTheOldOneIsGone() throws SQLException {
    replace(TestMesh.all());
    long before = signing("acme").version();
    files.writeSecret("acme.key", TestMesh.zenKey(9));
    assertThat(replace(TestMesh.all())).containsExactly("CHANGED Secret acme/signing");
    assertThat(signing("acme").version()).isGreaterThan(before);
    assertThat(versions("acme")).containsExactly(signing("acme").version());
  }

  @Test
  void secretRemovedAndMadeAgain_neverRepeatsAVersion() {
    replace(TestMesh.all());
    long first = signing("acme").version();
    replace(
        TestMesh.platform()
            + "---\napiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: acme}\n");
    replace(TestMesh.all());
    assertThat(signing("acme").version()).isGreaterThan(first);
  }

  @Test
  void tenantRemovedAndMadeAgain_neverRepeatsAVersion() {
    replace(TestMesh.all());
    long first = signing("globex").version();
    replace(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    replace(TestMesh.all());
    assertThat(signing("globex").version()).isGreaterThan(first);
  }

  private List<Long> versions(String tenant) throws SQLException {
    List<Long> versions = new ArrayList<>();
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select version from secret_version where tenant = '" + tenant + "'")) {
      while (rows.next()) {
        versions.add(rows.getLong(1));
      }
    }
    return versions;
  }

  @Test
  void twoEndpoints_canTradePaths() {
    String one = TestMesh.endpoint("acme", "one");
    String two = TestMesh.endpoint("acme", "two");
    replace(TestMesh.platform() + TestMesh.tenant("acme") + one + two);
    String traded = one.replace("/acme/one", "/acme/two") + two.replace("/acme/two", "/acme/one");
    assertThat(replace(TestMesh.platform() + TestMesh.tenant("acme") + traded))
        .containsExactlyInAnyOrder("CHANGED Endpoint acme/one", "CHANGED Endpoint acme/two");
  }

  @Test
  void destinationExchangedForAnother_isOneChange() {
    replace(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    String renamed =
        (TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"))
            .replace("name: target,", "name: other,")
            .replace("destination: target", "destination: other");
    assertThat(replace(TestMesh.platform() + renamed))
        .containsExactlyInAnyOrder(
            "ADDED Destination acme/other",
            "CHANGED Endpoint acme/zen",
            "REMOVED Destination acme/target");
  }

  @Test
  void failureInTheMiddle_leavesEverythingAsItWas() throws SQLException {
    replace(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    StoredState before = stored();
    // globex comes after acme, so acme's part is written when this refuses.
    TestPostgres.execute(
        TestPostgres.superuserOf(address),
        "alter table endpoint add constraint no_globex check (tenant <> 'globex')");
    String more = TestMesh.all() + TestMesh.endpoint("acme", "second");
    assertThatThrownBy(() -> replace(more)).isInstanceOf(StoreException.class);
    assertThat(stored().endpoints()).isEqualTo(before.endpoints());
    assertThat(stored().destinations()).isEqualTo(before.destinations());
    assertThat(stored().secrets()).hasSameSizeAs(before.secrets());
  }

  @Test
  void P12_storedBytes_holdNoPlaintext() throws SQLException {
    replace(TestMesh.all());
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select (select count(*) from secret_version where position('zenk1_' in"
                    + " encode(ciphertext, 'escape')) > 0 or position('PRIVATE' in"
                    + " encode(ciphertext, 'escape')) > 0),"
                    + " (select count(*) from secret where certificate like '%PRIVATE%'),"
                    + " (select count(*) from secret_version)")) {
      row.next();
      assertThat(row.getInt(1)).isZero();
      assertThat(row.getInt(2)).isZero();
      assertThat(row.getInt(3)).isEqualTo(3);
    }
  }

  @Test
  void clusterWithOtherNodes_isChanged() {
    replace(TestMesh.all());
    String fewer = TestMesh.all().replaceAll("(?m)^    - \\{name: ingress-2.*\n", "");
    assertThat(replace(fewer)).containsExactly("CHANGED Cluster system/edge-local");
    assertThat(stored().clusters().getFirst().ingress())
        .extracting(it -> it.name())
        .containsExactly(new Name("ingress-1"));
  }
}
