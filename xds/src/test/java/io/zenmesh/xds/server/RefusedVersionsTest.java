package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static io.zenmesh.xds.snapshot.ResourceType.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of versions that a node refused. */
class RefusedVersionsTest extends SessionSteps {
  @Test
  void X03_nackOfOneResource_parksItsVersion_neverSentAgain() {
    ledger.publish(snapshot(cluster("a", "bad")));
    subscribe(CLUSTER);
    nack(sent(CLUSTER), "no\nsuch\tthing");
    for (int i = 0; i < 100; i++) {
      ledger.publish(snapshot(cluster("a", "bad")));
      silence();
    }
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
    assertThat(ledger.lastRefusal(CLUSTER)).contains("no such thing");

    ledger.publish(snapshot(cluster("a", "good")));
    assertThat(names(acked(CLUSTER))).containsExactly("a");
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);

    ledger.publish(snapshot(cluster("a", "bad")));
    silence();
  }

  @Test
  void X03_nackOfSeveral_eachIsTriedAloneOnce_onlyTheCulpritIsParked() {
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "bad"), cluster("c", "1")));
    subscribe(CLUSTER);
    nack(sent(CLUSTER), "one of them");
    assertThat(names(acked(CLUSTER))).containsExactly("a");
    DeltaDiscoveryResponse culprit = sent(CLUSTER);
    assertThat(names(culprit)).containsExactly("b");
    nack(culprit, "b is bad");
    assertThat(names(acked(CLUSTER))).containsExactly("c");
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
  }

  @Test
  void X03_nackedOnOneStream_isNotSentOnTheNext_lastGoodIs() {
    ledger.publish(snapshot(cluster("a", "1")));
    subscribe(CLUSTER);
    Map<String, String> good = RawNode.names(acked(CLUSTER));
    ledger.publish(snapshot(cluster("a", "bad")));
    nack(sent(CLUSTER), "bad");
    silence();

    reconnect(ENVOY);
    subscribe(CLUSTER);
    assertThat(RawNode.names(acked(CLUSTER))).isEqualTo(good);
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
  }

  @Test
  void X03_lastGoodRefusedAfterARestart_isNotSentAgain() {
    ledger.publish(snapshot(cluster("a", "1")));
    subscribe(CLUSTER);
    acked(CLUSTER);
    ledger.publish(snapshot(cluster("a", "2")));
    nack(sent(CLUSTER), "bad");

    reconnect(ENVOY);
    subscribe(CLUSTER);
    DeltaDiscoveryResponse lastGood = sent(CLUSTER);
    assertThat(RawNode.names(lastGood)).containsEntry("a", cluster("a", "1").version());
    nack(lastGood, "not any more");
    silence();
    reconnect(ENVOY);
    subscribe(CLUSTER, "*", "a");
    // That there is nothing is all that can be said.
    assertThat(names(acked(CLUSTER))).isEmpty();
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
    ledger.publish(snapshot(cluster("a", "1")));
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
    assertThat(ledger.stateWhileAway(CLUSTER)).isEqualTo(TypeStatus.State.NACKED);
  }

  @Test
  void X03_moreRefusedThanAreRemembered_eachIsTriedAloneOnce() {
    int count = NodeLedger.MAX_PARKED + 10;
    ledger.publish(NodeSnapshot.of(clusters(count, "bad")));
    subscribe(CLUSTER);
    nack(sent(CLUSTER), "all of them");
    for (int i = 0; i < count; i++) {
      DeltaDiscoveryResponse alone = sent(CLUSTER);
      assertThat(names(alone)).hasSize(1);
      nack(alone, "this one too");
    }
    silence();
    ledger.publish(NodeSnapshot.of(clusters(count, "bad")));
    silence();
    reconnect(ENVOY);
    subscribe(CLUSTER);
    assertThat(names(acked(CLUSTER))).isEmpty();
    silence();
  }

  private static List<Resource> clusters(int count, String content) {
    return IntStream.range(0, count).mapToObj(i -> cluster("c" + i, content)).toList();
  }

  @Test
  void rollbackToWhatTheNodeHolds_isAcked_withoutAWord() {
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    subscribe(CLUSTER);
    acked(CLUSTER);
    ledger.publish(snapshot(cluster("a", "bad"), cluster("b", "1")));
    nack(sent(CLUSTER), "bad");
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);
    assertThat(ledger.stateWhileAway(CLUSTER)).isEqualTo(TypeStatus.State.ACKED);
  }

  @Test
  void rollbackOfSeveral_beforeTheyAreTriedAlone_isAcked() {
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    subscribe(CLUSTER);
    acked(CLUSTER);
    ledger.publish(snapshot(cluster("a", "bad"), cluster("b", "2")));
    nack(sent(CLUSTER), "bad");
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);
  }

  @Test
  void refusedVersion_thatTheNodeComesToHold_isAcked() {
    ledger.publish(snapshot(cluster("a", "1")));
    subscribe(CLUSTER);
    nack(sent(CLUSTER), "out of memory");
    reconnect(ENVOY);
    hear(of(CLUSTER).putInitialResourceVersions("a", cluster("a", "1").version()));
    acked(CLUSTER);
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);
    assertThat(ledger.stateWhileAway(CLUSTER)).isEqualTo(TypeStatus.State.ACKED);
  }

  @Test
  void parkedVersions_areBounded_oldestForgottenFirst() {
    for (int i = 0; i <= NodeLedger.MAX_PARKED; i++) {
      ledger.park(cluster("a", Integer.toString(i)));
    }
    assertThat(ledger.isParked(cluster("a", "0"))).isFalse();
    assertThat(ledger.isParked(cluster("a", Integer.toString(NodeLedger.MAX_PARKED)))).isTrue();
  }
}
