package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetBuilderTest {
  @TempDir Path folder;

  private static StoredSecret stored(SecretSpec secret) {
    return new StoredSecret(
        secret.ref(),
        secret.type(),
        secret.certificatePem(),
        secret.value().stream()
            .map(it -> new StoredVersion(1, Instant.EPOCH, Optional.empty(), Optional.empty()))
            .toList());
  }

  private FleetBuilder builder() {
    Envelope envelope =
        new Envelope(
            KeysetFile.openOrCreate(folder.resolve("keyset.json"), false), new SecureRandom());
    return new FleetBuilder(
        new SecretOpener(envelope, new RecordingTrail()),
        Catalogue.bundled(),
        "zen.test",
        InstantSource.system());
  }

  private StoredState state() {
    try (Mesh mesh = TestMesh.in(folder).mesh(TestMesh.all())) {
      return new StoredState(
          mesh.clusters(),
          mesh.secrets().stream().map(FleetBuilderTest::stored).toList(),
          mesh.destinations(),
          mesh.endpoints());
    }
  }

  @Test
  void F34_valueThatDoesNotOpen_leavesItsEndpointWithoutKey_andTheOthersAsTheyAre() {
    FleetBuilder.Opening opening =
        (ref, version) -> {
          if (ref.tenant().value().equals("globex")) {
            throw new SealBrokenException("data key: does not open");
          }
          return SecretBytes.takeOver(new byte[] {1});
        };
    try (Fleet fleet = builder().build(state(), Instant.EPOCH, opening)) {
      assertThat(fleet.processors().values())
          .isNotEmpty()
          .allSatisfy(processor ->
              assertThat(processor.keys())
                  .isNotEmpty()
                  .allSatisfy(keys ->
                      assertThat(keys.keys().isEmpty())
                          .as(keys.ref().toString())
                          .isEqualTo(keys.ref().tenant().value().equals("globex"))));
    }
  }

  @Test
  void buildThatFails_closesWhatItHadOpened() {
    List<SecretBytes> opened = new ArrayList<>();
    FleetBuilder builder = builder();
    FleetBuilder.Opening opening =
        (ref, version) -> {
          if (ref.tenant().value().equals("globex")) {
            throw new IllegalStateException("seal: broken");
          }
          SecretBytes bytes = SecretBytes.takeOver(new byte[] {1});
          opened.add(bytes);
          return bytes;
        };
    StoredState state = state();
    assertThatThrownBy(() -> builder.build(state, Instant.EPOCH, opening))
        .hasMessage("seal: broken");
    assertThat(opened)
        .hasSize(2)
        .allSatisfy(it ->
            assertThatThrownBy(() -> it.copy(SecretAccess.granted()))
                .isInstanceOf(IllegalStateException.class));
  }
}
