package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    versions = new ContentVersion(keyset.derive("content-version"));
    publisher =
        new Publisher(
            new Publisher.Sources(() -> state, envelope, Catalogue.bundled(), "zen.test"),
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
        secret.value().isPresent() ? 1 : 0,
        secret.value().map(value -> envelope.seal(secret.ref(), 1, value)));
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
            1,
            signing.get(1).sealed());
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
