package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.xds.client.PolicySet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the API of a running process opens to an operator, and to nobody else. */
class ControlPlaneOperatorTest extends ControlPlaneFixture {
  @Test
  void X01_nodeCertificate_opensNothingOfTheApi() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      for (String path :
          new String[] {
            PROCESSOR.spiffePath(), "/control-plane", "/operator", "/operator/a/b", "/operators/a"
          }) {
        ZenctlRun refused = zenctl(ports.api(), path, "proxy", "status");
        assertThat(refused.exitCode()).as(path).isOne();
        assertThat(refused.err()).contains("answered 401: A good client certificate or token");
      }
    }
  }

  @Test
  void secretsAndKeys_areHandledByTheOperator_andReachTheProcessor() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.keys().size() == 2);
        Path value = home.resolve("value");
        Files.writeString(value, TestMesh.zenKey(9) + "\n");
        ZenctlRun rotated =
            operator(ports, "secret", "rotate", "signing", "--secret-file", value.toString());
        assertThat(rotated.err()).doesNotContain("zenk1_");
        assertThat(rotated.out()).contains("signing version 2: stored and sent");
        processor.await(it -> keysOf(it).contains("signing.2") && keysOf(it).contains("signing.1"));
        assertThat(operator(ports, "secret", "status", "signing").out().lines())
            .anyMatch(it ->
                it.matches("edge-local/extproc/ingress-1 +acme/zen +\\[1, 2] +\\[1, 2] +.*yes"));

        assertThat(
                operator(ports, "secret", "revoke", "signing", "--version-number", "1").exitCode())
            .isZero();
        processor.await(it -> !keysOf(it).contains("signing.1"));

        Path key = home.resolve("issued.key");
        ZenctlRun issued =
            operator(
                ports,
                "key",
                "issue",
                "--cluster",
                "edge-local",
                "--purpose",
                "ingress",
                "--out",
                key.toString());
        assertThat(issued.err()).isEqualToIgnoringNewLines("zenctl: issued acme.edge-local.1");
        assertThat(Files.readString(key)).matches("zenk1_[A-Za-z0-9_-]{43}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
            .isEqualTo("rw-------");
        processor.await(it -> keysOf(it).contains("acme.edge-local.1"));

        assertThat(zenctl(ports.api(), "/operator/admin", "kek", "rotate").out())
            .contains("data keys wrapped anew, destroyed [");
        assertThat(operator(ports, "secret", "list").out()).contains("signing", "revoked");
      }
    }
  }

  private static String keysOf(PolicySet set) {
    return String.valueOf(set.keys().get(ref("acme", "zen")));
  }

  private ZenctlRun operator(ControlPlane.Ports ports, String... arguments) throws IOException {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--tenant";
    all[arguments.length + 1] = "acme";
    return zenctl(ports.api(), "/operator/admin", all);
  }
}
