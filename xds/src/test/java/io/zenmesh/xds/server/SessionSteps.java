package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.snapshot.ResourceType.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the tests of a session do and expect, one line each. */
abstract class SessionSteps {
  static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");
  static final String UNKNOWN = "type.googleapis.com/envoy.service.runtime.v3.Runtime";

  final NodeLedger ledger = new NodeLedger();
  NodeSession session = new NodeSession(ENVOY, ledger, "1");

  void reconnect(NodeId node) {
    session = new NodeSession(node, ledger, "2");
  }

  static DeltaDiscoveryRequest.Builder of(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url());
  }

  DeltaState.Answer hear(DeltaDiscoveryRequest.Builder request) {
    NodeSession.Reaction reaction = session.request(request.build(), NOW);
    assertThat(reaction).isInstanceOf(NodeSession.Reaction.Heard.class);
    return ((NodeSession.Reaction.Heard) reaction).answer();
  }

  Status refused(DeltaDiscoveryRequest.Builder request) {
    NodeSession.Reaction reaction = session.request(request.build(), NOW);
    assertThat(reaction).isInstanceOf(NodeSession.Reaction.Refused.class);
    return ((NodeSession.Reaction.Refused) reaction).status();
  }

  void subscribe(ResourceType type, String... names) {
    hear(of(type).addAllResourceNamesSubscribe(List.of(names)));
  }

  DeltaDiscoveryResponse sent(ResourceType type) {
    NodeSession.Outgoing next = session.next(NOW).orElseThrow(() -> new AssertionError("silence"));
    assertThat(next.type()).contains(type);
    return next.response();
  }

  void silence() {
    assertThat(session.next(NOW)).isEmpty();
  }

  DeltaState.Answer ack(DeltaDiscoveryResponse response) {
    return hear(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce()));
  }

  void nack(DeltaDiscoveryResponse response, String text) {
    DeltaState.Answer answer =
        hear(
            DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage(text)));
    assertThat(answer).isEqualTo(DeltaState.Answer.NACK);
  }

  DeltaDiscoveryResponse acked(ResourceType type) {
    DeltaDiscoveryResponse response = sent(type);
    assertThat(ack(response)).isEqualTo(DeltaState.Answer.ACK);
    return response;
  }

  static List<String> names(DeltaDiscoveryResponse response) {
    return List.copyOf(RawNode.names(response).keySet());
  }

  Optional<TypeStatus.State> state(ResourceType type) {
    return session.state(type);
  }

  static Resource cluster(String name, String content) {
    return resource(CLUSTER, name, content);
  }
}
