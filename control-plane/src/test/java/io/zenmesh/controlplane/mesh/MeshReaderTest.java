package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
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
    return switch (files.reader().read("mesh.yaml", yaml)) {
      case MeshReading.Bad(List<MeshProblem> problems) ->
          problems.stream().map(MeshProblem::toString).toList();
      case MeshReading.Good good -> {
        good.mesh().close();
        yield List.of();
      }
    };
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
  void everySettingOfAnEndpoint_isRead() {
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
    try (Mesh mesh = files.mesh(yaml)) {
      EndpointPolicy policy = mesh.endpoints().getFirst().policy();
      assertThat(policy.tolerance()).contains(Duration.ofSeconds(120));
      assertThat(policy.maxBodyBytes()).isEqualTo(4096);
      assertThat(policy.publicUrl()).contains("https://hooks.acme.test:8443");
      assertThat(policy.onDuplicate()).isEqualTo(EndpointPolicy.OnDuplicate.ACKNOWLEDGE);
      assertThat(policy.onStoreLoss()).isEqualTo(EndpointPolicy.OnStoreLoss.ACCEPT);
    }
  }

  @Test
  void everythingOfItsCallers_isRead() {
    String yaml =
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + TestMesh.endpoint("acme", "zen")
            + TestMesh.callers();
    try (Mesh mesh = files.mesh(yaml)) {
      EndpointSpec endpoint = mesh.endpoints().getFirst();
      assertThat(endpoint.policy().client())
          .isEqualTo(
              new ClientRequirement(
                  ClientRequirement.Mtls.REQUIRED,
                  List.of("spiffe://sender.test/ci", "spiffe://sender.test/cd"),
                  List.of("sender.acme.test")));
      assertThat(endpoint.callers().clientCa()).contains(new Name("target-ca"));
      assertThat(endpoint.callers().rateLimit())
          .contains(new RateLimit(90, RateLimit.Per.MINUTE, 7));
      assertThat(endpoint.callers().allowFrom())
          .extracting(Cidr::toString)
          .containsExactly("192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32");
    }
  }

  @Test
  void burstLeftOut_isTheRate() {
    String yaml =
        TestMesh.platform()
            + TestMesh.tenant("acme")
            + TestMesh.endpoint("acme", "zen")
            + "  limits: {requestsPerSecond: 12}\n";
    try (Mesh mesh = files.mesh(yaml)) {
      assertThat(mesh.endpoints().getFirst().callers().rateLimit())
          .contains(new RateLimit(12, RateLimit.Per.SECOND, 12));
    }
  }

  @Test
  void trustDomainOfTwoTenants_isEachTenantsOwn() {
    String yaml = TestMesh.platform();
    for (String tenant : List.of("acme", "globex")) {
      yaml += TestMesh.tenant(tenant) + TestMesh.endpoint(tenant, "zen") + TestMesh.callers();
    }
    files.mesh(yaml).close();
  }

  @Test
  void moreHostsWithClientCertificatesThanTheLimit_areRefused() {
    StringBuilder yaml = new StringBuilder(TestMesh.platform() + TestMesh.tenant("acme"));
    for (int i = 0; i <= ClientCheck.MAX_HOSTS; i++) {
      yaml.append(
          TestMesh.endpoint("acme", "e" + i).replace("hooks.acme.test", "h" + i + ".acme.test")
              + "  client: {mtls: optional, caRef: target-ca}\n");
    }
    assertThat(problems(yaml.toString()))
        .singleElement()
        .asString()
        .contains("Endpoint acme/e256: spec.client: one host more (expected: at most 256 hosts");
  }

  @Test
  void hostThatAsksInAnotherWay_isAProblemWithinItsCluster_andNoneInAnother() {
    String other =
        """
        ---
        apiVersion: zenmesh.io/v1alpha1
        kind: Cluster
        metadata: {name: edge-other, tenant: system}
        spec:
          tls: {secretRef: edge-tls}
          ingress:
            - {name: ingress-3, listen: 127.0.0.1:18445, processorSocket: /tmp/zen/3.sock}
          egress:
            - {name: egress-3, listen: 127.0.0.1:18545}
        """;
    String asking =
        TestMesh.endpoint("acme", "zen") + "  client: {mtls: required, caRef: target-ca}\n";
    String open = TestMesh.endpoint("acme", "zen-open");
    String base = TestMesh.platform() + other + TestMesh.tenant("acme") + asking;
    assertThat(problems(base + open))
        .singleElement()
        .asString()
        .contains("spec.client: mtls none (expected: mtls required with caRef target-ca, as")
        .contains("of host hooks.acme.test in cluster edge-local");
    assertThat(problems(base + open.replace("edge-local", "edge-other"))).isEmpty();
  }

  @Test
  void emptyFile_isRefused() {
    for (String empty : List.of("", "---\n", "# nothing\n", "---\n---\n")) {
      assertThat(problems(empty))
          .containsExactly(
              "mesh.yaml:1: file: no documents (expected: at least one; the last Tenant has to"
                  + " stay)");
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

  @Test
  void notYaml_isOneProblemWithItsLine() {
    assertThat(problems("kind: Tenant\nmetadata: {name: [acme\n"))
        .singleElement()
        .asString()
        .startsWith("mesh.yaml:")
        .contains("YAML:")
        .endsWith("(expected: well-formed YAML)");
  }

  @Test
  void syntaxError_doesNotRepeatTheLineItStandsOn() {
    assertThat(problems("value: \"CANARY-secret\n")).asString().doesNotContain("CANARY");
    assertThat(problems("a: CANARY: b\n")).asString().doesNotContain("CANARY");
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
  void duplicateKey_isRefused() {
    String yaml =
        "apiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nkind: Tenant\nmetadata: {name: a}\n";
    assertThat(problems(yaml))
        .containsExactly("mesh.yaml:3: key: given twice (expected: each key once)");
  }

  @Test
  void alias_isRefused() {
    String bomb = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assertThat(problems(bomb)).anyMatch(it -> it.contains("alias: given (expected: no aliases)"));
  }

  @Test
  void tag_isRefused() {
    assertThat(problems("a: !!java.net.URL [\"http://x\"]\n"))
        .anyMatch(it -> it.contains("tag: given (expected: no tags)"));
  }

  @Test
  void deepNesting_isRefused() {
    assertThat(problems("a: " + "[".repeat(200_000) + "]".repeat(200_000)))
        .singleElement()
        .asString()
        .hasSizeLessThan(200)
        .contains("well-formed YAML");
  }

  @Test
  void moreDocumentsThanTheLimit_areRefused() {
    assertThat(problems("--- {}\n".repeat(YamlTree.MAX_DOCUMENTS + 1)))
        .anyMatch(it -> it.contains("documents: more (expected: at most 10000)"))
        .hasSizeLessThanOrEqualTo(Problems.SHOWN + 1);
  }

  @Test
  void fileOverTheLimit_isRefused() {
    assertThat(problems("# " + "x".repeat(YamlTree.MAX_CHARACTERS)))
        .singleElement()
        .asString()
        .contains("characters (expected: at most 10485760)");
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
