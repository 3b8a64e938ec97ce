package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.NodeServer;
import io.zenmesh.controlplane.publish.NodeServerContract;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.server.XdsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class XdsNodeServerTest extends NodeServerContract {
  @TempDir Path folder;
  private XdsServer xds;

  @BeforeEach
  void start() throws IOException {
    DevPki pki = DevPki.openOrCreate(folder.resolve("pki"), "zen.test", Clock.systemUTC());
    IdentityFiles identity = pki.issue(folder.resolve("identity"), Leaf.workload("/control-plane"));
    xds =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), identity, "zen.test"),
            Clock.systemUTC());
    xds.start();
  }

  @AfterEach
  void end() {
    xds.close();
  }

  @Override
  protected NodeServer server() {
    return new XdsNodeServer(xds);
  }
}
