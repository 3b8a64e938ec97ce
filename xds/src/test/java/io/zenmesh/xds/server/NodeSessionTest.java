package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static io.zenmesh.xds.snapshot.ResourceType.CLUSTER;
import static io.zenmesh.xds.snapshot.ResourceType.ENDPOINT;
import static io.zenmesh.xds.snapshot.ResourceType.KEYS;
import static io.zenmesh.xds.snapshot.ResourceType.LISTENER;
import static io.zenmesh.xds.snapshot.ResourceType.POLICY;
import static io.zenmesh.xds.snapshot.ResourceType.ROUTE;
import static io.zenmesh.xds.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeSessionTest {
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");
  private static final String UNKNOWN = "type.googleapis.com/envoy.service.runtime.v3.Runtime";

  private final NodeLedger ledger = new NodeLedger();
  private NodeSession session = new NodeSession(ENVOY, ledger, "1");

  private void reconnect(NodeId node) {
    session = new NodeSession(node, ledger, "2");
  }

  private static DeltaDiscoveryRequest.Builder of(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
  }

  private DeltaState.Answer hear(DeltaDiscoveryRequest.Builder request) {
    NodeSession.Reaction reaction = session.request(request.build(), NOW);
    assertThat(reaction).isInstanceOf(NodeSession.Reaction.Heard.class);
    return ((NodeSession.Reaction.Heard) reaction).answer();
  }

  private Status refused(DeltaDiscoveryRequest.Builder request) {
    NodeSession.Reaction reaction = session.request(request.build(), NOW);
    assertThat(reaction).isInstanceOf(NodeSession.Reaction.Refused.class);
    return ((NodeSession.Reaction.Refused) reaction).status();
  }

  private void subscribe(ResourceType type, String... names) {
    hear(of(type).addAllResourceNamesSubscribe(List.of(names)));
  }

  private DeltaDiscoveryResponse sent(ResourceType type) {
    NodeSession.Outgoing next = session.next(NOW).orElseThrow(() -> new AssertionError("silence"));
    assertThat(next.type()).contains(type);
    return next.response();
  }

  private void silence() {
    assertThat(session.next(NOW)).isEmpty();
  }

  private DeltaState.Answer ack(DeltaDiscoveryResponse response) {
    return hear(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce()));
  }

  private void nack(DeltaDiscoveryResponse response, String text) {
    DeltaState.Answer answer =
        hear(
            DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage(text)));
    assertThat(answer).isEqualTo(DeltaState.Answer.NACK);
  }

  private DeltaDiscoveryResponse acked(ResourceType type) {
    DeltaDiscoveryResponse response = sent(type);
    assertThat(ack(response)).isEqualTo(DeltaState.Answer.ACK);
    return response;
  }

  private static List<String> names(DeltaDiscoveryResponse response) {
    return List.copyOf(RawNode.names(response).keySet());
  }

  private Optional<TypeStatus.State> state(ResourceType type) {
    return session.state(type);
  }

  private static Resource cluster(String name, String content) {
    return resource(CLUSTER, name, content);
  }

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
  void order_clustersThenEndpointsThenListenersThenRoutes() {
    subscribe(ROUTE);
    subscribe(LISTENER);
    subscribe(ENDPOINT);
    subscribe(CLUSTER);
    ledger.publish(
        snapshot(
            resource(ROUTE, "r", "1"),
            resource(LISTENER, "l", "1"),
            resource(ENDPOINT, "c", "1"),
            cluster("c", "1")));
    for (ResourceType type : List.of(CLUSTER, ENDPOINT, LISTENER, ROUTE)) {
      DeltaDiscoveryResponse response = sent(type);
      silence();
      ack(response);
    }
    silence();
  }

  @Test
  void order_unansweredType_isWaitedForOnce_thenOthersGoOn() {
    subscribe(CLUSTER);
    subscribe(LISTENER);
    ledger.publish(snapshot(resource(LISTENER, "l", "1"), cluster("c", "1")));
    DeltaDiscoveryResponse clusters = sent(CLUSTER);
    silence();
    assertThat(session.waitedEnough("another nonce")).isEmpty();
    silence();
    assertThat(session.waitedEnough(clusters.getNonce())).contains(CLUSTER);
    assertThat(session.waitedEnough(clusters.getNonce())).isEmpty();
    acked(LISTENER);
    assertThat(state(CLUSTER)).contains(TypeStatus.State.SENT);
  }

  @Test
  void order_refusedClusters_doNotHoldListeners() {
    subscribe(CLUSTER);
    subscribe(LISTENER);
    ledger.publish(snapshot(resource(LISTENER, "l", "1"), cluster("c", "bad")));
    nack(sent(CLUSTER), "bad");
    acked(LISTENER);
  }

  @Test
  void secret_isAnsweredAtOnce_whileClustersAreOnTheirWay() {
    subscribe(CLUSTER);
    ledger.publish(snapshot(cluster("c", "1"), resource(SECRET, "edge-tls", "1")));
    sent(CLUSTER);
    subscribe(SECRET, "edge-tls");
    assertThat(names(acked(SECRET))).containsExactly("edge-tls");
    ledger.publish(snapshot(cluster("c", "1"), resource(SECRET, "edge-tls", "2")));
    assertThat(names(acked(SECRET))).containsExactly("edge-tls");
  }

  @Test
  void removals_comeLast_referrersFirst() {
    for (ResourceType type : List.of(CLUSTER, LISTENER, ROUTE)) {
      subscribe(type);
    }
    ledger.publish(
        snapshot(cluster("old", "1"), resource(LISTENER, "old", "1"), resource(ROUTE, "old", "1")));
    acked(CLUSTER);
    acked(LISTENER);
    acked(ROUTE);
    ledger.publish(snapshot(cluster("new", "1"), resource(ROUTE, "new", "1")));
    assertThat(names(acked(CLUSTER))).containsExactly("new");
    DeltaDiscoveryResponse routes = sent(ROUTE);
    assertThat(routes.getRemovedResourcesList()).isEmpty();
    silence();
    ack(routes);
    for (ResourceType type : List.of(ROUTE, LISTENER, CLUSTER)) {
      DeltaDiscoveryResponse removal = sent(type);
      assertThat(removal.getRemovedResourcesList()).containsExactly("old");
      silence();
      ack(removal);
    }
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

  @Test
  void nothingPublished_nothingIsSaid() {
    hear(of(CLUSTER).putInitialResourceVersions("held", "1"));
    subscribe(ROUTE, "ingress");
    silence();
  }

  @Test
  void X01_entitlements_everyPairOfRoleAndType() {
    for (ResourceType type : ResourceType.values()) {
      boolean forProcessors = type == POLICY || type == KEYS;
      reconnect(forProcessors ? EXTPROC : ENVOY);
      subscribe(type);
      reconnect(forProcessors ? ENVOY : EXTPROC);
      Status status = refused(of(type));
      assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(status.getDescription()).startsWith("type: " + type + " (expected: ");
    }
  }

  @Test
  void unknownType_envoyIsToldThereIsNone_processorIsRefused() {
    DeltaDiscoveryRequest.Builder runtime =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(UNKNOWN).addResourceNamesSubscribe("layer");
    hear(runtime);
    DeltaDiscoveryResponse none = session.next(NOW).orElseThrow().response();
    assertThat(none.getTypeUrl()).isEqualTo(UNKNOWN);
    assertThat(none.getResourcesCount()).isZero();
    assertThat(none.getRemovedResourcesList()).containsExactly("layer");
    hear(DeltaDiscoveryRequest.newBuilder().setTypeUrl(UNKNOWN).setResponseNonce(none.getNonce()));
    silence();

    reconnect(EXTPROC);
    assertThat(refused(runtime).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void tooManyUnknownTypes_areRefused() {
    for (int i = 0; i < 16; i++) {
      hear(DeltaDiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/x" + i));
    }
    assertThat(
            refused(DeltaDiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/x16"))
                .getCode())
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void tooManyNames_areRefused_inOneRequestAndInMany() {
    int limit = NodeSession.MAX_NAMES_PER_TYPE;
    assertThat(
            refused(of(ROUTE).addAllResourceNamesSubscribe(Collections.nCopies(limit + 1, "a")))
                .getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    List<String> names = IntStream.range(0, limit).mapToObj(i -> "r" + i).toList();
    hear(of(ROUTE).addAllResourceNamesSubscribe(names));
    assertThat(refused(of(ROUTE).addResourceNamesSubscribe("one more")).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
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
