package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an endpoint of a mesh says of itself and of its callers. */
class MeshEndpointTest {
  @TempDir Path folder;
  private TestMesh files;

  @BeforeEach
  void write() {
    files = TestMesh.in(folder);
  }

  private List<String> problems(String yaml) {
    return files.problems(yaml);
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
}
