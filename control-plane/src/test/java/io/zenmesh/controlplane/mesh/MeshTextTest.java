package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.custody.SecretType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class MeshTextTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  private static final String EVERYTHING =
      """
        tolerance: 90s
        maxBodyBytes: 4711
        publicUrl: https://hooks.acme.test/acme/zen
        onDuplicate: acknowledge
        onStoreLoss: accept
        enforce: false
      """;

  private static String text(Mesh mesh) {
    StringBuilder text = new StringBuilder();
    mesh.tenants().stream()
        .filter(it -> !it.value().equals("system"))
        .forEach(it -> add(text, MeshText.tenant(it)));
    mesh.clusters().forEach(it -> add(text, MeshText.cluster(it)));
    mesh.destinations().forEach(it -> add(text, MeshText.destination(it)));
    mesh.endpoints().forEach(it -> add(text, MeshText.endpoint(it)));
    return text.toString();
  }

  private static void add(StringBuilder text, Map<String, Object> document) {
    text.append("---\n").append(JSON.writeValueAsString(document)).append('\n');
  }

  @Test
  void written_isReadBackAsTheSame() {
    TestMesh files = TestMesh.in(folder);
    String all =
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + TestMesh.endpoint("acme", "zen")
            + EVERYTHING
            + TestMesh.callers()
            + TestMesh.tenant("globex")
            + TestMesh.endpoint("globex", "zen");
    try (Mesh mesh = files.mesh(all)) {
      List<KeptSecret> kept =
          mesh.secrets().stream().map(it -> new KeptSecret(it.ref(), it.type())).toList();
      MeshReading read = files.reader().readBeside("again", text(mesh), kept);
      assertThat(read).as(String.valueOf(read)).isInstanceOf(MeshReading.Good.class);
      Mesh again = ((MeshReading.Good) read).mesh();
      assertThat(again.tenants()).isEqualTo(mesh.tenants());
      assertThat(again.clusters()).isEqualTo(mesh.clusters());
      assertThat(again.destinations()).isEqualTo(mesh.destinations());
      assertThat(again.endpoints()).isEqualTo(mesh.endpoints());
      assertThat(again.secretsKept()).isTrue();
      assertThat(again.secrets()).isEmpty();
    }
  }

  @Test
  void secretThatIsNotKept_orOfAnotherType_isAProblem() {
    TestMesh files = TestMesh.in(folder);
    try (Mesh mesh = files.mesh(TestMesh.all())) {
      List<KeptSecret> allSigning =
          mesh.secrets().stream()
              .filter(it -> !it.ref().name().value().equals("target-ca"))
              .map(it -> new KeptSecret(it.ref(), SecretType.SIGNING))
              .toList();
      assertThat(files.reader().readBeside("again", text(mesh), allSigning))
          .isInstanceOfSatisfying(
              MeshReading.Bad.class,
              bad ->
                  assertThat(bad.problems().toString())
                      .contains("spec.caRef: unknown", "edge-tls of type signing"));
    }
  }
}
