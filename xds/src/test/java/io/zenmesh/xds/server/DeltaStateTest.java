package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static io.zenmesh.xds.snapshot.ResourceType.CLUSTER;
import static io.zenmesh.xds.snapshot.ResourceType.ROUTE;
import static io.zenmesh.xds.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import org.junit.jupiter.api.Test;

/** One type on one stream: subscriptions, answers, reconnects. */
class DeltaStateTest extends SessionSteps {
  @Test
  void X03_staleAck_ofAnOlderNonce_completesNothing() {
    ledger.publish(snapshot(cluster("a", "1")));
    subscribe(CLUSTER);
    DeltaDiscoveryResponse first = acked(CLUSTER);
    ledger.publish(snapshot(cluster("a", "2")));
    DeltaDiscoveryResponse second = sent(CLUSTER);
    assertThat(ack(first)).isEqualTo(DeltaState.Answer.STALE);
    assertThat(state(CLUSTER)).contains(TypeStatus.State.SENT);
    assertThat(ack(second)).isEqualTo(DeltaState.Answer.ACK);
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);
  }

  @Test
  void X03_nonceOfAnotherTypeOrStream_isStale() {
    ledger.publish(snapshot(cluster("a", "1"), resource(SECRET, "s", "1")));
    subscribe(CLUSTER);
    subscribe(SECRET, "s");
    DeltaDiscoveryResponse secret = sent(SECRET);
    DeltaDiscoveryResponse clusters = sent(CLUSTER);
    assertThat(hear(of(CLUSTER).setResponseNonce(secret.getNonce())))
        .isEqualTo(DeltaState.Answer.STALE);
    assertThat(hear(of(ROUTE).setResponseNonce(clusters.getNonce())))
        .isEqualTo(DeltaState.Answer.STALE);
    reconnect(ENVOY);
    subscribe(CLUSTER);
    sent(CLUSTER);
    assertThat(ack(clusters)).isEqualTo(DeltaState.Answer.STALE);
  }

  @Test
  void newerPublish_waitsForTheAnswer_latestWins() {
    ledger.publish(snapshot(cluster("a", "1")));
    subscribe(CLUSTER);
    DeltaDiscoveryResponse first = sent(CLUSTER);
    for (int i = 2; i < 50; i++) {
      ledger.publish(snapshot(cluster("a", Integer.toString(i))));
      silence();
    }
    ledger.publish(snapshot(cluster("a", "last")));
    ack(first);
    assertThat(RawNode.names(acked(CLUSTER))).containsEntry("a", cluster("a", "last").version());
    silence();
  }

  @Test
  void reconnect_withInitialVersions_getsDifferencesThenRemovals() {
    ledger.publish(snapshot(cluster("same", "1"), cluster("changed", "2"), cluster("new", "1")));
    hear(
        of(CLUSTER)
            .putInitialResourceVersions("same", cluster("same", "1").version())
            .putInitialResourceVersions("changed", cluster("changed", "1").version())
            .putInitialResourceVersions("gone", "1"));
    DeltaDiscoveryResponse differences = acked(CLUSTER);
    assertThat(names(differences)).containsExactly("changed", "new");
    assertThat(differences.getRemovedResourcesList()).isEmpty();
    DeltaDiscoveryResponse removals = acked(CLUSTER);
    assertThat(names(removals)).isEmpty();
    assertThat(removals.getRemovedResourcesList()).containsExactly("gone");
    silence();
  }

  @Test
  void reconnect_namedWithNothingNew_getsNothing() {
    ledger.publish(snapshot(resource(ROUTE, "ingress", "1")));
    hear(
        of(ROUTE)
            .addResourceNamesSubscribe("ingress")
            .putInitialResourceVersions("ingress", resource(ROUTE, "ingress", "1").version()));
    silence();
    assertThat(state(ROUTE)).contains(TypeStatus.State.ACKED);
  }

  @Test
  void parkedVersion_nodeHoldsAnother_keepsIt() {
    ledger.publish(snapshot(cluster("a", "bad")));
    hear(of(CLUSTER).putInitialResourceVersions("a", "from before a restart"));
    nack(sent(CLUSTER), "bad");
    silence();
    subscribe(CLUSTER, "a");
    silence();
  }

  @Test
  void removal_refused_isNotRepeated() {
    subscribe(CLUSTER);
    ledger.publish(snapshot(cluster("a", "1")));
    acked(CLUSTER);
    ledger.publish(NodeSnapshot.empty());
    nack(sent(CLUSTER), "still in use");
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.NACKED);
  }

  @Test
  void subscribedButAbsent_isToldOnce_andSentWhenItAppears() {
    ledger.publish(NodeSnapshot.empty());
    subscribe(ROUTE, "ingress");
    assertThat(acked(ROUTE).getRemovedResourcesList()).containsExactly("ingress");
    silence();
    ledger.publish(NodeSnapshot.empty());
    silence();
    subscribe(ROUTE, "ingress");
    assertThat(acked(ROUTE).getRemovedResourcesList()).containsExactly("ingress");
    ledger.publish(snapshot(resource(ROUTE, "ingress", "1")));
    assertThat(names(acked(ROUTE))).containsExactly("ingress");
    ledger.publish(NodeSnapshot.empty());
    assertThat(acked(ROUTE).getRemovedResourcesList()).containsExactly("ingress");
    silence();
  }

  @Test
  void subscribedAgain_isSentAgain_evenWhileOnItsWay() {
    ledger.publish(snapshot(resource(ROUTE, "a", "1"), resource(ROUTE, "b", "1")));
    subscribe(ROUTE, "a", "b");
    acked(ROUTE);
    subscribe(ROUTE, "a");
    DeltaDiscoveryResponse again = sent(ROUTE);
    assertThat(names(again)).containsExactly("a");
    subscribe(ROUTE, "a");
    ack(again);
    assertThat(names(acked(ROUTE))).containsExactly("a");
    silence();
  }

  @Test
  void unsubscribed_isNotSentAnyMore() {
    ledger.publish(snapshot(resource(ROUTE, "a", "1"), resource(ROUTE, "b", "1")));
    subscribe(ROUTE, "a", "b");
    acked(ROUTE);
    hear(of(ROUTE).addResourceNamesUnsubscribe("a"));
    ledger.publish(snapshot(resource(ROUTE, "a", "2"), resource(ROUTE, "b", "2")));
    assertThat(names(acked(ROUTE))).containsExactly("b");
    ledger.publish(NodeSnapshot.empty());
    assertThat(acked(ROUTE).getRemovedResourcesList()).containsExactly("b");
    silence();
  }

  @Test
  void wildcard_unsubscribed_leavesTheNamedOnes() {
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    subscribe(CLUSTER, "*", "a");
    assertThat(names(acked(CLUSTER))).containsExactly("a", "b");
    hear(of(CLUSTER).addResourceNamesUnsubscribe("*"));
    ledger.publish(snapshot(cluster("a", "2"), cluster("b", "2")));
    assertThat(names(acked(CLUSTER))).containsExactly("a");
    subscribe(CLUSTER, "*");
    assertThat(names(acked(CLUSTER))).containsExactly("b");
  }

  @Test
  void named_unsubscribedUnderWildcard_isSentOnceMore() {
    ledger.publish(snapshot(cluster("a", "1"), cluster("b", "1")));
    subscribe(CLUSTER, "*", "a");
    acked(CLUSTER);
    hear(of(CLUSTER).addResourceNamesUnsubscribe("a"));
    assertThat(names(acked(CLUSTER))).containsExactly("a");
    silence();
  }

  @Test
  void emptyWildcard_isAnsweredOnce() {
    ledger.publish(NodeSnapshot.empty());
    subscribe(CLUSTER);
    assertThat(names(acked(CLUSTER))).isEmpty();
    silence();
    assertThat(state(CLUSTER)).contains(TypeStatus.State.ACKED);
  }
}
