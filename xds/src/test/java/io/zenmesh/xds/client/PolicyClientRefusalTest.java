package io.zenmesh.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.server.NodeStatus;
import io.zenmesh.xds.server.OddLeaf;
import io.zenmesh.xds.server.TypeStatus;
import io.zenmesh.xds.server.Waits;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the client refuses: policies, and servers. */
@Timeout(180)
class PolicyClientRefusalTest extends ClientSteps {
  @Test
  void X03_refusedPolicy_keepsTheFormerSet_andIsNotSentAgain() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"), keys(ORDERS, "a"))));
    PolicyClient client = clientRefusing("odd");
    offered(s -> s.policies().size() == 1 && s.keys().size() == 1);
    assertThat(acked()).isTrue();

    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "odd"), keys(ORDERS, "a"))));
    assertThat(acked()).isFalse();
    assertThat(status(ResourceType.POLICY).state()).isEqualTo(TypeStatus.State.NACKED);
    assertThat(status(ResourceType.POLICY).detail())
        .contains("scheme: odd (expected: one in the catalogue)");
    assertThat(status(ResourceType.KEYS).state()).isEqualTo(TypeStatus.State.ACKED);
    offered.clear();

    // The next set is built on the former one, and the refused version is not offered again.
    server.publish(
        NODE,
        NodeSnapshot.of(List.of(policy(ORDERS, "odd"), keys(ORDERS, "b"), keys(RETURNS, "b"))));
    PolicySet next = offered(s -> s.keys().size() == 2);
    assertThat(next.policies().get(ORDERS)).extracting(EndpointPolicy::scheme).isEqualTo("zen");
    assertThat(offered).isEmpty();

    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "stripe"), keys(ORDERS, "b"))));
    assertThat(acked()).isTrue();
    offered(s -> s.policies().values().stream().anyMatch(p -> p.scheme().equals("stripe")));
    assertThat(client.synced()).isTrue();
  }

  @Test
  void refusedPolicyAmongOthers_isTheOnlyOneParked() throws Exception {
    server.publish(
        NODE,
        NodeSnapshot.of(
            List.of(policy(ORDERS, "odd"), policy(RETURNS, "zen"), keys(RETURNS, "a"))));
    clientRefusing("odd");
    PolicySet set = offered(s -> s.policies().size() == 1 && s.policies().containsKey(RETURNS));
    assertThat(set.policies()).doesNotContainKey(ORDERS);
    assertThat(acked()).isFalse();
  }

  @Test
  void malformedPolicy_isRefusedWithItsField() throws Exception {
    Resource malformed =
        versions.resource(
            ResourceType.POLICY,
            "acme/orders",
            io.zenmesh.xds.wire.v1.EndpointPolicy.newBuilder()
                .setTenant("NOT A NAME")
                .setScheme("zen")
                .setMaxBodyBytes(1024)
                .setEndpoint("orders")
                .build());
    server.publish(NODE, NodeSnapshot.of(List.of(malformed)));
    PolicyClient client = client();
    Waits.until(
        "refusal",
        () ->
            server.status().stream()
                .flatMap(n -> n.types().stream())
                .anyMatch(t -> t.state() == TypeStatus.State.NACKED));
    assertThat(status(ResourceType.POLICY).detail())
        .hasValueSatisfying(text -> assertThat(text).contains("tenant"));
    assertThat(client.synced()).isFalse();
  }

  @Test
  void failingListener_refuses_withoutTellingWhatItSaw() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(keys(ORDERS, "canary"))));
    client(
        SERVER_ID,
        candidate -> {
          throw new IllegalStateException("canary");
        });
    Waits.until(
        "refusal",
        () ->
            server.status().stream()
                .flatMap(n -> n.types().stream())
                .anyMatch(
                    t -> t.type() == ResourceType.KEYS && t.state() == TypeStatus.State.NACKED));
    assertThat(status(ResourceType.KEYS).detail())
        .contains("listener: failed with IllegalStateException");
  }

  @Test
  void X01_serverWithAnotherSpiffeId_isNotTalkedTo() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"))));
    PolicyClient client = client("spiffe://zen.local/other-plane", candidate -> Optional.empty());
    // Long enough for several attempts.
    assertThat(offered.poll(2, TimeUnit.SECONDS)).isNull();
    assertThat(client.connected()).isFalse();
    assertThat(server.status()).noneMatch(NodeStatus::connected);
  }

  /** A clock that stands still so long before the server's certificate ends. */
  private Clock before(Duration end) throws Exception {
    try (InputStream pem = Files.newInputStream(serverIdentity.certificateChain())) {
      X509Certificate leaf =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      return Clock.fixed(leaf.getNotAfter().toInstant().minus(end), ZoneOffset.UTC);
    }
  }

  private Optional<Instant> connectedSince() {
    return server.status().stream().flatMap(node -> node.connectedSince().stream()).findFirst();
  }

  @Test
  void X01_stream_endsWithTheServersCertificate_andAnotherBegins() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"), keys(ORDERS, "a"))));
    PolicyClient client =
        client(SERVER_ID, candidate -> Optional.empty(), before(Duration.ofSeconds(3)));
    Waits.until("synced", client::synced);
    Optional<Instant> first = connectedSince();
    assertThat(first).isPresent();
    Waits.until(
        "another stream", () -> connectedSince().isPresent() && !connectedSince().equals(first));
    Waits.until("connected", client::connected);
    assertThat(client.synced()).isTrue();
  }

  @Test
  void X01_serverAfterTheEndOfItsCertificate_isNotListenedTo() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"), keys(ORDERS, "a"))));
    PolicyClient client =
        client(
            SERVER_ID,
            candidate -> {
              offered.add(candidate);
              return Optional.empty();
            },
            before(Duration.ZERO));
    assertThat(offered.poll(2, TimeUnit.SECONDS)).isNull();
    assertThat(client.connected()).isFalse();
    assertThat(client.synced()).isFalse();
  }

  @Test
  void X02_serverWithTwoIds_isNotTalkedTo() throws Exception {
    server.close();
    serverIdentity =
        new OddLeaf(
                List.of(SERVER_ID, "spiffe://zen.local/other"),
                false,
                KeyPurposeId.id_kp_serverAuth)
            .issue(directory.resolve("pki"), directory.resolve("two"));
    startServer(port);
    PolicyClient client = client();
    assertThat(offered.poll(2, TimeUnit.SECONDS)).isNull();
    assertThat(client.connected()).isFalse();
    assertThat(server.status()).noneMatch(NodeStatus::connected);
  }
}
