package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.InMemoryTrail;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NodeDecisionsTest {
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("ingress-1"));

  private final InMemoryTrail trail = new InMemoryTrail();

  /** The trail, that counts down once an event of this action is on record. */
  private AuditTrail watchedFor(String action, CountDownLatch recorded) {
    return events -> {
      trail.record(events);
      if (events.stream().anyMatch(it -> it.action().equals(action))) {
        recorded.countDown();
      }
    };
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
    CountDownLatch dropped = new CountDownLatch(1);
    trail.unavailable(true);
    try (NodeDecisions decisions = new NodeDecisions(watchedFor("audit.dropped", dropped))) {
      for (int i = 0; i < 2 * NodeDecisions.MAX_WAITING; i++) {
        decisions.connected(NODE);
      }
      trail.unavailable(false);
      assertThat(dropped.await(20, TimeUnit.SECONDS)).as("recorded in time").isTrue();
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
