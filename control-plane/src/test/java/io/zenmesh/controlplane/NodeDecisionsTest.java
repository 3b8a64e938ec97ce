package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.InMemoryTrail;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodeDecisionsTest {
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("ingress-1"));

  private final InMemoryTrail trail = new InMemoryTrail();

  private void awaitRecorded(String action) throws InterruptedException {
    while (trail.events().stream().noneMatch(it -> it.action().equals(action))) {
      Thread.sleep(5);
    }
  }

  @Test
  void decisions_areRecordedInOrder() {
    try (NodeDecisions decisions = new NodeDecisions(trail)) {
      decisions.connected(NODE);
      decisions.rejected(NODE, ResourceType.LISTENER, "bad listener");
      decisions.disconnected(NODE);
      decisions.refused("spiffe://evil.test/x", "peer: foreign");
    }
    assertThat(trail.events())
        .extracting(AuditEvent::action, AuditEvent::outcome, AuditEvent::reason)
        .map(Object::toString)
        .isEqualTo(
            List.of(
                "(\"node.connect\", ALLOWED, \"\")",
                "(\"node.reject\", FAILED, \"bad listener\")",
                "(\"node.disconnect\", DONE, \"\")",
                "(\"node.connect\", DENIED, \"peer: foreign\")"));
  }

  @Test
  void A13_storeThatIsAway_holdsNobodyUp_andIsToldWhatWasDropped() throws InterruptedException {
    trail.unavailable(true);
    try (NodeDecisions decisions = new NodeDecisions(trail)) {
      for (int i = 0; i < 2 * NodeDecisions.MAX_WAITING; i++) {
        decisions.connected(NODE);
      }
      trail.unavailable(false);
      awaitRecorded("audit.dropped");
    }
    assertThat(trail.events().stream().filter(it -> it.action().equals("node.connect")).count())
        .isBetween((long) NodeDecisions.MAX_WAITING, 2L * NodeDecisions.MAX_WAITING - 1);
  }

  @Test
  void textsBeyondTheirBounds_areCut() {
    try (NodeDecisions decisions = new NodeDecisions(trail)) {
      decisions.refused("x".repeat(5_000), "y".repeat(5_000));
    }
    assertThat(trail.events())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.actor().id()).hasSize(512);
          assertThat(event.reason()).hasSize(1_024);
        });
  }
}
