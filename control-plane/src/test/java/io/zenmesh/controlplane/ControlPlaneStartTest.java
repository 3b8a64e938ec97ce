package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** A first start that cannot be: one clear line, and nothing runs. */
class ControlPlaneStartTest extends ControlPlaneFixture {
  @Test
  void malformedMeshFile_refusesToStartWithAllProblems() throws IOException {
    write("kind: Tenant\n---\nkind: Nonsense\n");
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(Main.USAGE))
        .hasMessageContaining("mesh.yaml:1: Tenant #1: metadata: missing")
        .hasMessageContaining("mesh.yaml:3: Nonsense #2: kind: Nonsense");
  }

  @Test
  void takenPort_isOneClearLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ControlPlane controlPlane =
          new ControlPlane(
              settings(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort())),
              Clock.systemUTC());
      assertThatThrownBy(controlPlane::start)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort() + " cannot be bound")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
  }

  @Test
  void databaseAway_isOneClearLine() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    database = new PostgresAddress("127.0.0.1", free, "zen", database.credentials());
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("database 127.0.0.1:" + free + "/zen: login zen_owner failed: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
