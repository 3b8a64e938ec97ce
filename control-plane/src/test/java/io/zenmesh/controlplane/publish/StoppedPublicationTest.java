package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stops a publication before any node is told. */
class StoppedPublicationTest extends PublisherFixture {
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
  void K02_ciphertextsOfTwoSecretsSwapped_areLeftOut_andTheRestIsPublished() {
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
    assertThat(publisher.publish()).isInstanceOf(Publication.Published.class);
  }
}
