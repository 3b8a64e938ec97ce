package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.client.PolicySet;
import org.junit.jupiter.api.Test;

/** What a mesh file and an apply do to the nodes of a running process. */
class ControlPlaneMeshTest extends ControlPlaneFixture {
  @Test
  void meshFile_reachesTheProcessorAndIsSeenByTheOperator() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        PolicySet told = processor.await(it -> it.policies().size() == 2 && it.keys().size() == 2);
        assertThat(told.policies()).containsOnlyKeys(ref("acme", "zen"), ref("globex", "zen"));
        assertThat(told.keys().get(ref("acme", "zen")))
            .hasToString("EndpointKeys[acme/zen, [VerificationKey[signing.1]]]");

        ZenctlRun status = zenctl(ports.api(), "/operator/admin", "proxy", "status");
        assertThat(status.err()).isEmpty();
        assertThat(status.exitCode()).isZero();
        assertThat(status.out().lines())
            .anyMatch(it -> it.matches("edge-local/extproc/ingress-1 +yes +POLICY +ACKED +2 .*"))
            .anyMatch(it -> it.matches("edge-local/extproc/ingress-1 +yes +KEYS +ACKED +2 .*"))
            .anyMatch(it -> it.matches("edge-local/envoy/ingress-1 +no +LISTENER +PENDING +1 .*"))
            .anyMatch(it -> it.startsWith("edge-local/envoy/egress-1 "));

        write(TestMesh.all() + TestMesh.endpoint("acme", "second"));
        processor.await(it -> it.policies().containsKey(ref("acme", "second")));
        write(TestMesh.platform() + TestMesh.tenant("acme") + TestMesh.endpoint("acme", "second"));
        processor.await(it -> it.policies().size() == 1 && it.keys().size() == 1);
      }
    }
  }

  @Test
  void badMeshFile_leavesWhatRuns() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.policies().size() == 2);
        write("kind: Nonsense\n");
        ZenctlRun refused = zenctl(ports.api(), "/operator/admin", "apply", "-f", mesh.toString());
        assertThat(refused.exitCode()).isOne();
        assertThat(refused.err()).contains("mesh.yaml:1: Nonsense #1: apiVersion: missing");
        write(TestMesh.all() + TestMesh.endpoint("globex", "third"));
        PolicySet told = processor.await(it -> it.policies().containsKey(ref("globex", "third")));
        assertThat(told.policies()).hasSize(3);
      }
    }
  }

  @Test
  void apply_takesEffectAndTellsTheChanges() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      ZenctlRun applied = applyOneMore(ports);
      assertThat(applied.out()).contains("added Endpoint acme/added").contains("1 changes");
      assertThat(applied.exitCode()).isZero();
      ZenctlRun json = zenctl(ports.api(), "/operator/admin", "proxy", "status", "-o", "json");
      assertThat(json.out()).contains("\"node\" : \"edge-local/extproc/ingress-2\"");
    }
  }

  @Test
  void apply_endsWithOneWhenANodeRefuses() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = refusing(ports)) {
        processor.await(it -> !it.policies().isEmpty());
        ZenctlRun applied = applyOneMore(ports);
        assertThat(applied.out()).contains("stored and sent, 1 changes");
        assertThat(applied.err()).contains("node edge-local/extproc/ingress-1 refused or lags");
        assertThat(applied.exitCode()).isOne();
      }
    }
  }
}
