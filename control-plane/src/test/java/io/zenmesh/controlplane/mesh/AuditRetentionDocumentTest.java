package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.Name;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuditRetentionDocumentTest {
  private static final Name ACME = new Name("acme");

  @TempDir Path folder;

  private static String tenant(String retention) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Tenant
    metadata: {name: acme}
    spec: {auditRetention: %s}
    """
        .formatted(retention);
  }

  @ParameterizedTest
  @CsvSource({"1d,1", "90d,90", "2y,730", "10y,3650", "3650d,3650"})
  void retention_isRead_andWrittenInDays(String text, int days) {
    try (Mesh mesh = TestMesh.in(folder).mesh(tenant(text))) {
      assertThat(mesh.auditRetention(ACME)).contains(new Retention(days));
      assertThat(MeshText.tenant(ACME, mesh.auditRetention(ACME)))
          .containsEntry("spec", Map.of("auditRetention", days + "d"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0d", "3651d", "11y", "90", "90h", "-1d", "1.5y"})
  void retentionOutOfBounds_isRefused(String text) {
    assertThat(TestMesh.in(folder).problems(tenant(text)))
        .singleElement()
        .asString()
        .contains("Tenant acme: spec.auditRetention: ")
        .contains("1d to 10y");
  }

  @Test
  void retentionWithoutAPlaceForArchives_isRefused() {
    MeshReader reader =
        new MeshReader(
            Catalogue.bundled(),
            new SecretSource(folder, name -> Optional.empty()),
            InstantSource.system(),
            false);
    assertThat(reader.read("mesh.yaml", tenant("90d")))
        .isInstanceOfSatisfying(
            MeshReading.Bad.class,
            bad ->
                assertThat(bad.problems().getFirst().toString())
                    .contains("Tenant acme: spec.auditRetention: 90d (expected: none, or")
                    .contains("--audit-archive"));
  }

  @Test
  void otherKeys_areRefused() {
    assertThat(TestMesh.in(folder).problems(tenant("90d").replace("auditRetention", "retention")))
        .singleElement()
        .asString()
        .contains("unknown key");
  }
}
