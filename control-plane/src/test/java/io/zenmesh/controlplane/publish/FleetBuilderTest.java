package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetBuilderTest {
  @TempDir Path folder;

  @Test
  void buildThatFails_closesWhatItHadOpened() {
    List<SecretBytes> opened = new ArrayList<>();
    FleetBuilder builder =
        new FleetBuilder(
            secret -> {
              if (secret.ref().tenant().value().equals("globex")) {
                throw new IllegalStateException("seal: broken");
              }
              SecretBytes bytes = SecretBytes.takeOver(new byte[] {1});
              opened.add(bytes);
              return bytes;
            },
            Catalogue.bundled(),
            "zen.test");
    StoredState state;
    try (Mesh mesh = TestMesh.in(folder).mesh(TestMesh.all())) {
      state =
          new StoredState(
              mesh.clusters(),
              mesh.secrets().stream()
                  .map(it ->
                      new StoredSecret(
                          it.ref(), it.type(), it.certificatePem(), 1, Optional.empty()))
                  .toList(),
              mesh.destinations(),
              mesh.endpoints());
    }
    assertThatThrownBy(() -> builder.build(state)).hasMessage("seal: broken");
    assertThat(opened)
        .hasSize(2)
        .allSatisfy(it ->
            assertThatThrownBy(() -> it.copy(SecretAccess.granted()))
                .isInstanceOf(IllegalStateException.class));
  }
}
