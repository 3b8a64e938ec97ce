package io.zenmesh.controlplane;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import java.nio.file.Files;
import java.nio.file.Path;

/** A control plane whose keys lie in a key management service. */
class ControlPlaneKmsFixture extends ControlPlaneFixture {
  ZenctlRun put(ControlPlane.Ports ports, int fill) throws Exception {
    Path value = home.resolve("value");
    Files.writeString(value, TestMesh.zenKey(fill) + "\n");
    return zenctl(
        ports.api(),
        "/operator/admin",
        "secret",
        "put",
        "signing",
        "--tenant",
        "acme",
        "--secret-file",
        value.toString());
  }
}
