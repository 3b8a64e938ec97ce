package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the server tells of its decisions, over real connections. */
@Timeout(60)
class XdsEventsTest {
  private static final class Heard implements XdsEvents {
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Override
    public void refused(String caller, String reason) {
      lines.add("refused " + caller + " " + reason);
    }

    @Override
    public void connected(NodeId node) {
      lines.add("connected " + node);
    }

    @Override
    public void disconnected(NodeId node) {
      lines.add("disconnected " + node);
    }

    @Override
    public void rejected(NodeId node, ResourceType type, String detail) {
      lines.add("rejected " + node + " " + type + " " + detail);
    }

    String next() throws InterruptedException {
      return String.valueOf(lines.poll(20, TimeUnit.SECONDS));
    }
  }

  @TempDir Path directory;
  private final Heard heard = new Heard();

  @Test
  void connectRejectAndEnd_areHeardInOrder() throws Exception {
    try (TestMesh mesh = new TestMesh(directory, heard)) {
      mesh.server()
          .publish(ENVOY, TestMesh.snapshot(TestMesh.resource(ResourceType.LISTENER, "l", "one")));
      try (RawNode node = mesh.connect(ENVOY)) {
        node.subscribe(ResourceType.LISTENER);
        node.nack(node.next(ResourceType.LISTENER), "bad\nlistener");
        assertThat(heard.next()).isEqualTo("connected " + ENVOY);
        assertThat(heard.next()).isEqualTo("rejected " + ENVOY + " LISTENER bad listener");
      }
      assertThat(heard.next()).isEqualTo("disconnected " + ENVOY);
    }
  }

  @Test
  void X01_whoeverIsTurnedAway_isHeardWithTheReason() throws Exception {
    try (TestMesh mesh = new TestMesh(directory, heard)) {
      try (RawNode node = mesh.connect(mesh.identity("/operator/alice"), "alice", "edge")) {
        node.subscribe(ResourceType.LISTENER);
        node.end();
      }
      assertThat(heard.next())
          .startsWith("refused spiffe://zen.local/operator/alice not a node (expected: ");
      try (RawNode node = mesh.connect(mesh.identity(EXTPROC.spiffePath()), "other", "edge")) {
        node.subscribe(ResourceType.POLICY);
        node.end();
      }
      assertThat(heard.next())
          .isEqualTo(
              "refused "
                  + EXTPROC.spiffePath()
                  + " node.id: not the certificate's (expected: ingress-1)");
      assertThat(heard.lines).isEmpty();
    }
  }
}
