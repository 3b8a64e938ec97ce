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
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several types on one stream: order, entitlements, bounds. */
class NodeSessionTest extends SessionSteps {
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
}
