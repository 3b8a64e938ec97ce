package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mesh as a whole, its certificates and secrets. */
class MeshReaderTest {
  private static final Path INPUT = Path.of("src/test/resources/mesh/problems.yaml");
  private static final Path GOLDEN = Path.of("src/test/resources/mesh/problems.txt");

  @TempDir Path outside;
  private Path folder;
  private TestMesh files;

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectory(outside.resolve("secrets"));
    files = TestMesh.in(folder);
    Files.writeString(outside.resolve("outside.key"), "CANARY-outside");
    Files.createSymbolicLink(folder.resolve("link.key"), outside.resolve("outside.key"));
    Files.writeString(folder.resolve("empty.key"), "\n");
    DevPki pki = DevPki.openOrCreate(folder.resolve("pki"), "zen.test", Clock.systemUTC());
    IdentityFiles other = pki.issue(folder.resolve("other"), Leaf.server("other"));
    Files.copy(other.privateKey(), folder.resolve("other.key"));
  }

  private List<String> problems(String yaml) {
    return files.problems(yaml);
  }

  @Test
  void fileWithEveryProblem_tellsAllOfThemAtOnce() throws IOException {
    String found =
        problems(Files.readString(INPUT)).stream().collect(Collectors.joining("\n", "", "\n"));
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden files are not written in CI").isNull();
      Files.writeString(GOLDEN, found);
    }
    assertThat(found).isEqualTo(Files.readString(GOLDEN)).doesNotContain("CANARY");
  }

  @Test
  void goodMesh_isReadWhole() {
    try (Mesh mesh = files.mesh(TestMesh.all())) {
      assertThat(mesh.tenants()).containsExactly(new Name("acme"), new Name("globex"), Name.SYSTEM);
      assertThat(mesh.clusters()).hasSize(1);
      assertThat(mesh.secrets()).hasSize(5);
      assertThat(mesh.destinations()).hasSize(2);
      assertThat(mesh.endpoints()).hasSize(2);
      EndpointPolicy policy = mesh.endpoints().getFirst().policy();
      assertThat(policy.tolerance()).isEmpty();
      assertThat(policy.maxBodyBytes()).isEqualTo(EndpointPolicy.DEFAULT_MAX_BODY_BYTES);
      assertThat(policy.onDuplicate()).isEqualTo(EndpointPolicy.OnDuplicate.REFUSE);
      assertThat(policy.onStoreLoss()).isEqualTo(EndpointPolicy.OnStoreLoss.REFUSE);
    }
  }

  @Test
  void secretFromEnvironment_isRead() {
    MeshReader reader =
        new MeshReader(
            Catalogue.bundled(),
            new SecretSource(
                folder, name -> name.equals("ACME_KEY") ? Optional.of("abc\n") : Optional.empty()),
            InstantSource.system());
    String yaml =
        """
        apiVersion: zenmesh.io/v1alpha1
        kind: Tenant
        metadata: {name: acme}
        ---
        apiVersion: zenmesh.io/v1alpha1
        kind: Secret
        metadata: {name: from-env, tenant: acme}
        spec: {type: signing, valueFrom: {env: ACME_KEY}}
        """;
    assertThat(reader.read("mesh.yaml", yaml))
        .isInstanceOfSatisfying(
            MeshReading.Good.class,
            good -> {
              try (Mesh mesh = good.mesh();
                  SecretBytes expected =
                      SecretBytes.takeOver("abc".getBytes(StandardCharsets.UTF_8))) {
                assertThat(mesh.secrets().getFirst().value().orElseThrow().sameAs(expected))
                    .isTrue();
              }
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: Endpoint|  secretRefs: [CANARY_x]",
        "kind: Endpoint|  secretRefs: [canary-0123456789abcdef]",
        "kind: Endpoint|  secretRefs: [signing, canary-a, canary-a]",
        "kind: Endpoint|  scheme: canary",
        "kind: Endpoint|  publicUrl: 'https://canary:canary@hooks.acme.test'",
        "kind: Endpoint|  host: canary@hooks.acme.test",
        "kind: Endpoint|  path: /acme?token=canary",
        "kind: Endpoint|  whsec_canary: x",
        "kind: Destination|  url: https://user:canary@target.test/",
        "kind: Destination|  url: 'https://target.test/?key=canary'",
        "kind: Secret|  whsec_canary: x",
        "kind: Secret|  canary: x",
        "kind: Secret|  valueFrom: {canary: x}",
        "kind: Secret|  valueFrom: {file: whsec_canary}",
        "kind: Secret|  valueFrom: {env: whsec_canary}",
        "kind: Secret|  type: canary",
        "kind: Secret|  x: 1\n  canary: 1\n  canary: 2",
        "kind: whsec_canary|  x: 1",
        "kind: Secret|  value: *canary",
        "kind: Secret|  value: !canary x",
        "kind: Secret|  value: %canary",
        "kind: Secret|  value: @canary",
        "kind: Secret|  value: 'canary",
        "kind: Secret|  value: &canary!canary {"
      })
  void P12_secretInAWrongPlace_isNotRepeated(String written) {
    String[] parts = written.split("\\|", -1);
    String yaml =
        TestMesh.tenant("acme")
            + "---\napiVersion: zenmesh.io/v1alpha1\n%s\nmetadata: {name: x, tenant: acme}\nspec:\n%s\n"
                .formatted(parts[0], parts[1]);
    assertThat(problems(yaml))
        .isNotEmpty()
        .allSatisfy(it -> assertThat(it.toLowerCase(Locale.ROOT)).doesNotContain("canary"));
  }

  @Test
  void expiredCertificate_isRefused() {
    Instant later = Instant.now(Clock.systemUTC()).plus(Duration.ofDays(5000));
    MeshReader reader =
        new MeshReader(
            Catalogue.bundled(),
            new SecretSource(folder, name -> Optional.empty()),
            InstantSource.fixed(later));
    assertThat(reader.read("mesh.yaml", TestMesh.all()))
        .isInstanceOfSatisfying(
            MeshReading.Bad.class,
            bad -> assertThat(bad.problems().toString()).contains("certificate expired at "));
  }

  @Test
  void certificateNotYetValid_isRefused() {
    MeshReader reader =
        new MeshReader(
            Catalogue.bundled(),
            new SecretSource(folder, name -> Optional.empty()),
            InstantSource.fixed(Instant.EPOCH));
    assertThat(reader.read("mesh.yaml", TestMesh.all()))
        .isInstanceOfSatisfying(
            MeshReading.Bad.class,
            bad -> assertThat(bad.problems().toString()).contains("certificate counts from "));
  }
}
