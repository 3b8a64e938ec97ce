package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.v1.EndpointKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
  private static final NodeId PROCESSOR = node(NodeRole.EXTPROC, "ingress-1");
  private static final NodeId INGRESS = node(NodeRole.ENVOY, "ingress-1");
  private static final NodeId EGRESS = node(NodeRole.ENVOY, "egress-1");

  @TempDir Path folder;
  private TestMesh files;
  private KeysetFile keyset;
  private Envelope envelope;
  private ContentVersion versions;
  private final FakeNodeServer server = new FakeNodeServer();
  private final Check check = new Check();
  private final RecordingTrail trail = new RecordingTrail();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private StoredState state = new StoredState(List.of(), List.of(), List.of(), List.of());
  private Publisher publisher;

  private static NodeId node(NodeRole role, String name) {
    return new NodeId(new Name("edge-local"), role, new Name(name));
  }

  /** A check that finds fault with any snapshot when told to. */
  private static final class Check implements SnapshotCheck {
    private List<String> finding = List.of();
    private List<String> over = List.of();

    @Override
    public List<String> overLimits(NodeSnapshot snapshot) {
      return over;
    }

    @Override
    public List<String> findings(NodeSnapshot snapshot) {
      return finding;
    }

    @Override
    public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
      return finding;
    }
  }

  @BeforeEach
  void open() {
    files = TestMesh.in(folder);
    keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    envelope = new Envelope(keyset, new SecureRandom());
    versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    publisher =
        new Publisher(
            new Publisher.Sources(
                () -> state,
                new SecretOpener(envelope, trail),
                Catalogue.bundled(),
                "zen.test",
                () -> now),
            new SnapshotFactory(versions),
            check,
            server);
  }

  @AfterEach
  void end() {
    versions.close();
  }

  private void store(String yaml) {
    try (Mesh mesh = files.mesh(yaml)) {
      state =
          new StoredState(
              mesh.clusters(),
              mesh.secrets().stream().map(this::sealed).toList(),
              mesh.destinations(),
              mesh.endpoints());
    }
  }

  private StoredSecret sealed(SecretSpec secret) {
    return new StoredSecret(
        secret.ref(),
        secret.type(),
        secret.certificatePem(),
        secret.value().stream()
            .map(value ->
                new StoredVersion(
                    1,
                    Instant.EPOCH,
                    Optional.empty(),
                    Optional.of(envelope.seal(secret.ref(), 1, value))))
            .toList());
  }

  @Test
  void everyNode_getsWhatIsItsOwn() {
    store(TestMesh.all());
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(5, List.of()));
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.POLICY))
        .containsOnlyKeys("acme/zen", "globex/zen");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.KEYS))
        .containsOnlyKeys("acme/zen", "globex/zen");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.SECRET)).isEmpty();
    assertThat(server.heldBy(INGRESS).resources(ResourceType.KEYS)).isEmpty();
    assertThat(server.heldBy(INGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/system/edge-tls");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/acme/target-ca", "secret/globex/target-ca");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.CLUSTER))
        .containsOnlyKeys("destination/acme/target", "destination/globex/target");
  }

  @Test
  void newEndpoint_isAwaitedAtProcessorsBeforeRoutesGoOut() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.all() + TestMesh.endpoint("acme", "second"));
    publisher.publish();
    assertThat(server.asked)
        .containsExactly(
            "publish edge-local/extproc/ingress-1",
            "publish edge-local/extproc/ingress-2",
            "await edge-local/extproc/ingress-1",
            "await edge-local/extproc/ingress-2",
            "publish edge-local/envoy/egress-1",
            "await edge-local/envoy/egress-1",
            "publish edge-local/envoy/ingress-1",
            "publish edge-local/envoy/ingress-2",
            "await edge-local/envoy/ingress-1",
            "await edge-local/envoy/ingress-2");
  }

  @Test
  void removedTenant_leavesIngressFirstAndProcessorsLast() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "zen"));
    publisher.publish();
    assertThat(server.asked)
        .containsExactly(
            "publish edge-local/envoy/ingress-1",
            "publish edge-local/envoy/ingress-2",
            "await edge-local/envoy/ingress-1",
            "await edge-local/envoy/ingress-2",
            "publish edge-local/envoy/egress-1",
            "await edge-local/envoy/egress-1",
            "publish edge-local/extproc/ingress-1",
            "publish edge-local/extproc/ingress-2",
            "await edge-local/extproc/ingress-1",
            "await edge-local/extproc/ingress-2");
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.POLICY))
        .containsOnlyKeys("acme/zen");
    assertThat(server.heldBy(EGRESS).resources(ResourceType.CLUSTER))
        .containsOnlyKeys("destination/acme/target");
  }

  private void rotate(String tenant, StoredVersion... versions) {
    state =
        new StoredState(
            state.clusters(),
            state.secrets().stream()
                .map(it ->
                    it.ref().equals(ref(tenant))
                        ? new StoredSecret(
                            it.ref(), it.type(), it.certificatePem(), List.of(versions))
                        : it)
                .toList(),
            state.destinations(),
            state.endpoints());
  }

  private static SecretRef ref(String tenant) {
    return new SecretRef(new Name(tenant), new Name("signing"));
  }

  private StoredVersion version(long number, int fill, Optional<Instant> notAfter) {
    try (SecretBytes value =
        SecretBytes.takeOver(TestMesh.zenKey(fill).getBytes(StandardCharsets.US_ASCII))) {
      return new StoredVersion(
          number, now, notAfter, Optional.of(envelope.seal(ref("acme"), number, value)));
    }
  }

  private List<String> keysAt(NodeId node) throws InvalidProtocolBufferException {
    var keys =
        EndpointKeys.parseFrom(
            Objects.requireNonNull(server.heldBy(node).resources(ResourceType.KEYS).get("acme/zen"))
                .body()
                .getValue());
    return keys.getKeysList().stream()
        .map(it ->
            it.getId()
                + " "
                + Timestamps.toString(it.getNotBefore())
                + (it.hasNotAfter() ? " " + Timestamps.toString(it.getNotAfter()) : ""))
        .toList();
  }

  @Test
  void rotatedSecret_reachesProcessorsAsKeysWithWindows_andIsFollowed() throws Exception {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    server.refusing.add(node(NodeRole.EXTPROC, "ingress-2"));
    rotate(
        "acme", version(1, 1, Optional.of(now.plusSeconds(3600))), version(4, 4, Optional.empty()));
    publisher.publish();
    assertThat(keysAt(PROCESSOR))
        .containsExactly(
            "signing.4 2025-12-31T23:50:00Z",
            "signing.1 2025-12-31T23:50:00Z 2026-01-01T01:00:00Z");
    assertThat(server.asked).noneMatch(it -> it.contains("/envoy/"));
    assertThat(publisher.followers(ref("acme")))
        .extracting(it ->
            it.node().name()
                + " "
                + it.resource()
                + " "
                + it.published()
                + it.acknowledged()
                + it.current())
        .containsExactly("ingress-1 acme/zen [1, 4][1, 4]true", "ingress-2 acme/zen [1, 4][]false");

    // Revoked: gone from every processor with the next publication.
    rotate("acme", version(4, 4, Optional.empty()));
    publisher.publish();
    assertThat(keysAt(PROCESSOR)).containsExactly("signing.4 2025-12-31T23:50:00Z");
    rotate("acme");
    publisher.publish();
    assertThat(keysAt(PROCESSOR)).isEmpty();
    assertThat(publisher.followers(ref("acme")))
        .hasSize(2)
        .allMatch(it -> it.published().isEmpty());
  }

  @Test
  void versionWhoseWindowIsOver_isLeftOut() throws Exception {
    store(TestMesh.all());
    rotate(
        "acme", version(1, 1, Optional.of(now.plusSeconds(60))), version(4, 4, Optional.empty()));
    now = now.plusSeconds(61);
    publisher.publish();
    assertThat(keysAt(PROCESSOR)).hasSize(1).first().asString().startsWith("signing.4 ");
  }

  @Test
  void moreVersionsThanAProcessorTakes_leaveOutTheOldest() throws Exception {
    store(TestMesh.all());
    rotate(
        "acme",
        IntStream.rangeClosed(1, 20)
            .mapToObj(it -> {
              now = now.plusSeconds(1);
              return version(it, it, Optional.empty());
            })
            .toArray(StoredVersion[]::new));
    publisher.publish();
    assertThat(keysAt(PROCESSOR)).hasSize(12).first().asString().startsWith("signing.20 ");
    assertThat(keysAt(PROCESSOR)).last().asString().startsWith("signing.9 ");
  }

  @Test
  void K07_F32_trailAway_publishesNothing() {
    store(TestMesh.all());
    trail.away(true);
    assertThat(publisher.publish()).isEqualTo(new Publication.Failed("audit: away"));
    assertThat(server.asked).isEmpty();
    trail.away(false);
    assertThat(publisher.publish()).isInstanceOf(Publication.Published.class);
    assertThat(trail.lines())
        .containsExactlyInAnyOrder(
            "system secret.unwrap secret/system/edge-tls/1 DONE publish",
            "acme secret.unwrap secret/acme/signing/1 DONE publish",
            "globex secret.unwrap secret/globex/signing/1 DONE publish");
  }

  @Test
  void unchangedState_isNotSentAgain() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    store(TestMesh.all());
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(0, List.of()));
    assertThat(server.asked).isEmpty();
  }

  @Test
  void nodeThatRefuses_isNamedAndDoesNotHoldUpTheOthers() {
    store(TestMesh.all());
    server.refusing.add(PROCESSOR);
    assertThat(publisher.publish())
        .isEqualTo(new Publication.Published(5, List.of("edge-local/extproc/ingress-1")));
    assertThat(server.holds).containsKey(INGRESS);
  }

  @Test
  void E14_finding_stopsThePublicationWhole() {
    store(TestMesh.all());
    publisher.publish();
    server.asked.clear();
    check.finding = List.of("LISTENER ingress: no gate");
    store(TestMesh.all() + TestMesh.endpoint("acme", "second"));
    assertThat(publisher.publish())
        .isInstanceOfSatisfying(
            Publication.Refused.class,
            refused ->
                assertThat(refused.findings())
                    .contains("edge-local/envoy/ingress-1: LISTENER ingress: no gate"));
    assertThat(server.asked).isEmpty();

    check.finding = List.of();
    assertThat(publisher.publish()).isInstanceOf(Publication.Published.class);
    assertThat(server.heldBy(PROCESSOR).resources(ResourceType.POLICY)).containsKey("acme/second");
  }

  @Test
  void snapshotOverTheServersLimits_stopsThePublicationWhole() {
    store(TestMesh.all());
    check.over = List.of("KEYS: 2 (expected: at most 1)");
    assertThat(publisher.publish())
        .isInstanceOfSatisfying(
            Publication.Refused.class,
            it ->
                assertThat(it.findings()).contains(PROCESSOR + ": KEYS: 2 (expected: at most 1)"));
    assertThat(server.asked).isEmpty();
  }

  @Test
  void serverThatThrowsHalfWay_isGivenTheRestNextTime() {
    store(TestMesh.all());
    server.throwing.add(EGRESS);
    assertThat(publisher.publish()).isEqualTo(new Publication.Failed("KEYS: too many"));
    assertThat(server.holds).containsOnlyKeys(PROCESSOR, node(NodeRole.EXTPROC, "ingress-2"));
    assertThat(server.others).isEmpty();
    server.throwing.clear();
    server.asked.clear();
    assertThat(publisher.publish()).isEqualTo(new Publication.Published(3, List.of()));
    assertThat(server.asked).first().isEqualTo("publish " + EGRESS);
    assertThat(server.others).hasValue(NodeSnapshot.empty());
  }

  @Test
  void meshThatIsNotStoredYet_isJudgedWithoutTouchingAnything() {
    check.finding = List.of("LISTENER ingress: no gate");
    try (Mesh mesh = files.mesh(TestMesh.all())) {
      assertThat(publisher.findings(mesh)).contains(INGRESS + ": LISTENER ingress: no gate");
      check.finding = List.of();
      assertThat(publisher.findings(mesh)).isEmpty();
      // The mesh's own copies of its secrets are still its own.
      assertThat(mesh.secrets().getFirst().value().orElseThrow().copy(SecretAccess.granted()))
          .isNotEmpty();
    }
    assertThat(server.asked).isEmpty();
  }

  @Test
  void nodeTakenOutOfTheMesh_keepsAnEmptySnapshot() {
    store(TestMesh.all());
    publisher.publish();
    NodeId second = node(NodeRole.ENVOY, "ingress-2");
    store(TestMesh.all().replaceAll("(?m)^    - \\{name: ingress-2.*\n", ""));
    publisher.publish();
    assertThat(server.holds).containsEntry(second, NodeSnapshot.empty());
    server.asked.clear();
    publisher.publish();
    assertThat(server.asked).isEmpty();
  }

  @Test
  void K02_ciphertextsOfTwoSecretsSwapped_publishNothing() {
    store(TestMesh.all());
    List<StoredSecret> signing =
        state.secrets().stream().filter(it -> it.ref().name().value().equals("signing")).toList();
    StoredSecret swapped =
        new StoredSecret(
            signing.get(0).ref(),
            signing.get(0).type(),
            Optional.empty(),
            signing.get(1).versions());
    state =
        new StoredState(
            state.clusters(),
            state.secrets().stream()
                .map(it -> it.ref().equals(swapped.ref()) ? swapped : it)
                .toList(),
            state.destinations(),
            state.endpoints());
    assertThat(publisher.publish()).isInstanceOf(Publication.Failed.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void twoPhaseScheme_asksForTheOutcome() {
    String stripe = TestMesh.endpoint("acme", "stripe").replace("scheme: zen", "scheme: stripe");
    files.writeSecret("acme.key", "whsec_test");
    store(TestMesh.platform() + TestMesh.tenant("acme") + stripe);
    publisher.publish();
    String twoPhase = version(INGRESS);
    files.writeSecret("acme.key", TestMesh.zenKey(1));
    store(
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + stripe
                .replace("stripe", "zen")
                .replace("name: zen", "name: stripe")
                .replace("/acme/zen", "/acme/stripe"));
    publisher.publish();
    assertThat(version(INGRESS)).isNotEqualTo(twoPhase);
  }

  @Test
  void changeToATwoPhaseScheme_reachesIngressBeforeTheProcessor_andBackTheOtherWay() {
    String zen = TestMesh.endpoint("acme", "hook");
    String stripe = zen.replace("scheme: zen", "scheme: stripe");
    String ground = TestMesh.platform() + TestMesh.tenant("acme");
    store(ground + zen);
    publisher.publish();
    files.writeSecret("acme.key", "whsec_test");
    server.asked.clear();
    store(ground + stripe);
    publisher.publish();
    assertThat(phases()).containsExactly("envoy", "extproc");

    files.writeSecret("acme.key", TestMesh.zenKey(1));
    server.asked.clear();
    store(ground + zen);
    publisher.publish();
    assertThat(phases()).containsExactly("extproc", "envoy");
  }

  @Test
  void dryRun_reachesIngressBeforeTheProcessor_andEndsTheOtherWay() {
    String enforced = TestMesh.endpoint("acme", "hook").replace("scheme: zen", "scheme: stripe");
    String dryRun = enforced.replace("scheme: stripe", "scheme: stripe\n  enforce: false");
    files.writeSecret("acme.key", "whsec_test");
    String ground = TestMesh.platform() + TestMesh.tenant("acme");
    store(ground + enforced);
    publisher.publish();
    server.asked.clear();
    store(ground + dryRun);
    publisher.publish();
    assertThat(phases()).containsExactly("envoy", "extproc");

    server.asked.clear();
    store(ground + enforced);
    publisher.publish();
    assertThat(phases()).containsExactly("extproc", "envoy");
  }

  /** Which kind of node was published to, in order, once for each phase. */
  private List<String> phases() {
    List<String> phases = new ArrayList<>();
    for (String asked : server.asked) {
      String kind = asked.contains("/extproc/") ? "extproc" : "envoy";
      if (asked.startsWith("publish ") && (phases.isEmpty() || !phases.getLast().equals(kind))) {
        phases.add(kind);
      }
    }
    return phases;
  }

  @Test
  void callersOfAnEndpoint_reachIngressAndProcessor() {
    store(
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + TestMesh.endpoint("acme", "zen")
            + TestMesh.callers());
    assertThat(publisher.publish()).isInstanceOf(Publication.Published.class);
    assertThat(server.heldBy(INGRESS).resources(ResourceType.ROUTE))
        .containsOnlyKeys("ingress", "ingress/hooks.acme.test");
    assertThat(server.heldBy(INGRESS).resources(ResourceType.SECRET))
        .containsOnlyKeys("secret/system/edge-tls", "secret/acme/target-ca");
    assertThat(
            SnapshotLinter.lint(server.heldBy(INGRESS), server.heldBy(PROCESSOR), scheme -> false))
        .isEmpty();
  }

  private String version(NodeId node) {
    return server.heldBy(node).resources(ResourceType.ROUTE).values().iterator().next().version();
  }
}
