package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.v1.EndpointKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which versions of a secret reach the processors as keys. */
class PublishedKeysTest extends PublisherFixture {
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
}
