package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the publisher relies on; the fake and the real server both run it. */
public abstract class NodeServerContract {
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("nobody"));

  protected abstract NodeServer server();

  private static boolean acked(NodeServer server) throws Exception {
    return server
        .whenAcked(NODE, EnumSet.allOf(ResourceType.class), Duration.ofSeconds(5))
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void nodeThatIsNotConnected_isNeverWaitedFor() throws Exception {
    NodeServer server = server();
    assertThat(acked(server)).isTrue();
    server.publish(NODE, NodeSnapshot.empty());
    assertThat(acked(server)).isTrue();
  }

  @Test
  void publishingTwiceAndForAllOthersTwice_isHarmless() throws Exception {
    NodeServer server = server();
    server.publish(NODE, NodeSnapshot.empty());
    server.publish(NODE, NodeSnapshot.empty());
    server.publishDefault(NodeSnapshot.empty());
    server.publishDefault(NodeSnapshot.empty());
    assertThat(acked(server)).isTrue();
  }
}
