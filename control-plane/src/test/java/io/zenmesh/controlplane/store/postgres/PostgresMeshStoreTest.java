package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.Change;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.Overlap;
import io.zenmesh.controlplane.custody.ValueMark;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void open() {
    address = TestPostgres.freshDatabase();
    database = Database.open(address);
    files = TestMesh.in(folder);
    envelope =
        new Envelope(
            new CountedWrapper(
                KeysetFile.openOrCreate(folder.resolve("keyset.json"), false),
                database.wrapLedger()),
            new SecureRandom());
    store =
        database.meshStore(envelope, new ValueMark(SecretBytes.takeOver(new byte[32])), () -> now);
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
            envelope.open(
                signing("acme").ref(),
                1,
                signing("acme").versions().getFirst().sealed().orElseThrow());
        SecretBytes expected =
            SecretBytes.takeOver(TestMesh.zenKey(1).getBytes(StandardCharsets.UTF_8))) {
      assertThat(opened.sameAs(expected)).isTrue();
    }
  }

  @Test
  void auditRetention_isStoredChangedAndTakenBack() {
    String none = "---\napiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: acme}\n";
    String stated = none + "spec: {auditRetention: %s}\n";
    Name acme = new Name("acme");
    replace(none);
    assertThat(replace(stated.formatted("90d"))).containsExactly("CHANGED Tenant acme");
    assertThat(database.retentions()).containsExactly(Map.entry(acme, new Retention(90)));
    assertThat(replace(stated.formatted("90d"))).isEmpty();
    assertThat(replace(stated.formatted("2y"))).containsExactly("CHANGED Tenant acme");
    assertThat(database.retentions()).containsExactly(Map.entry(acme, new Retention(730)));
    assertThat(replace(none)).containsExactly("CHANGED Tenant acme");
    assertThat(database.retentions()).isEmpty();
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

  private static long newest(StoredSecret secret) {
    return secret.versions().getLast().number();
  }

  @Test
  void changedSecret_getsANewVersion_andTheOldOneCountsUntilTheOverlapIsOver() throws SQLException {
    replace(TestMesh.all());
    long before = newest(signing("acme"));
    files.writeSecret("acme.key", TestMesh.zenKey(9));
    assertThat(replace(TestMesh.all())).containsExactly("CHANGED Secret acme/signing");
    StoredSecret secret = signing("acme");
    assertThat(newest(secret)).isGreaterThan(before);
    assertThat(secret.versions()).hasSize(2);
    assertThat(secret.versions().getFirst().notAfter()).hasValue(now.plus(Overlap.DEFAULT));
    assertThat(secret.versions().getLast().notBefore()).isEqualTo(now);
    assertThat(secret.versions().getLast().notAfter()).isEmpty();

    now = now.plus(Overlap.DEFAULT).plusSeconds(1);
    files.writeSecret("acme.key", TestMesh.zenKey(10));
    replace(TestMesh.all());
    assertThat(versions("acme")).hasSize(3);
    assertThat(sealedVersions("acme")).as("what had ended is erased").hasSize(2);
  }

  @Test
  void overlapOfNothing_endsTheOldValueAtOnce() {
    String yaml =
        TestMesh.all()
            .replace("{type: signing, valueFrom", "{type: signing, overlap: 0s, valueFrom");
    replace(yaml);
    files.writeSecret("acme.key", TestMesh.zenKey(9));
    replace(yaml);
    assertThat(signing("acme").versions()).hasSize(1);
  }

  @Test
  void fileLeftBehindByARotation_bringsNothingBack() {
    replace(TestMesh.all());
    rotateByOperator();
    long rotated = newest(signing("acme"));
    assertThat(replace(TestMesh.all())).isEmpty();
    assertThat(newest(signing("acme"))).isEqualTo(rotated);
  }

  private void rotateByOperator() {
    Custodian custodian =
        new Custodian(
            database.secretStore(),
            envelope,
            new RecordingTrail(),
            (ref, value) -> Optional.empty(),
            () -> now);
    try (SecretBytes value =
        SecretBytes.takeOver(TestMesh.zenKey(9).getBytes(StandardCharsets.US_ASCII))) {
      assertThat(
              custodian.put(Actor.system("test"), signing("acme").ref(), value, true, any -> true))
          .isInstanceOf(Custodian.Answer.Done.class);
    }
  }

  @Test
  void valueInCustody_isTheOperators() {
    String yaml =
        TestMesh.all().replace("valueFrom: {file: acme.key}", "valueFrom: {custody: true}");
    replace(yaml);
    assertThat(signing("acme").versions()).isEmpty();
    rotateByOperator();
    assertThat(signing("acme").versions()).hasSize(1);
    assertThat(replace(yaml)).isEmpty();
    replace(
        TestMesh.platform()
            + "---\napiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: acme}\n");
    assertThat(signing("acme").versions()).as("kept when the file forgets it").hasSize(1);
    replace(yaml);
    assertThat(signing("acme").versions()).hasSize(1);
  }

  @Test
  void secretRemovedAndMadeAgain_neverRepeatsAVersion() {
    replace(TestMesh.all());
    long first = newest(signing("acme"));
    replace(
        TestMesh.platform()
            + "---\napiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: acme}\n");
    replace(TestMesh.all());
    assertThat(newest(signing("acme"))).isGreaterThan(first);
  }

  @Test
  void tenantRemovedAndMadeAgain_neverRepeatsAVersion() {
    replace(TestMesh.all());
    long first = newest(signing("globex"));
    replace(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    replace(TestMesh.all());
    assertThat(newest(signing("globex"))).isGreaterThan(first);
  }

  private List<Long> versions(String tenant) throws SQLException {
    return numbers("select version from secret_version where tenant = '" + tenant + "'");
  }

  private List<Long> sealedVersions(String tenant) throws SQLException {
    return numbers(
        "select version from secret_version where ciphertext is not null and tenant = '"
            + tenant
            + "'");
  }

  private List<Long> numbers(String sql) throws SQLException {
    List<Long> versions = new ArrayList<>();
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
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
