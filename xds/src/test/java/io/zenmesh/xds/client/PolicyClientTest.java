package io.zenmesh.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.server.NodeStatus;
import io.zenmesh.xds.server.Waits;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the client follows what is published. */
@Timeout(180)
class PolicyClientTest extends ClientSteps {
  @Test
  void published_policyAndKeys_arriveAndAreAcked() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"), keys(ORDERS, "s3cret"))));
    PolicyClient client = client();
    PolicySet set = offered(s -> s.policies().size() == 1 && s.keys().size() == 1);
    assertThat(set.policies().get(ORDERS)).extracting(EndpointPolicy::scheme).isEqualTo("zen");
    byte[] secret =
        set.keys()
            .values()
            .iterator()
            .next()
            .keys()
            .getFirst()
            .secret()
            .copy(SecretAccess.granted());
    assertThat(secret).isEqualTo("s3cret".getBytes(StandardCharsets.UTF_8));
    assertThat(acked()).isTrue();
    assertThat(client.synced()).isTrue();
    assertThat(client.connected()).isTrue();
  }

  @Test
  void emptyState_isSynced() throws Exception {
    server.publish(NODE, NodeSnapshot.empty());
    PolicyClient client = client();
    offered(s -> s.policies().isEmpty());
    offered(s -> s.keys().isEmpty());
    assertThat(acked()).isTrue();
    assertThat(client.synced()).isTrue();
  }

  @Test
  void nothingPublished_isConnectedButNotSynced() throws Exception {
    PolicyClient client = client();
    Waits.until("connected node", () -> server.status().stream().anyMatch(NodeStatus::connected));
    assertThat(client.connected()).isTrue();
    assertThat(client.synced()).isFalse();
    assertThat(offered).isEmpty();
  }

  @Test
  void X07_serverRestart_clientKeepsItsSet_andGetsOnlyDifferences() throws Exception {
    server.publish(
        NODE,
        NodeSnapshot.of(
            List.of(
                policy(ORDERS, "zen"),
                keys(ORDERS, "a"),
                policy(RETURNS, "zen"),
                keys(RETURNS, "a"))));
    PolicyClient client = client();
    offered(s -> s.policies().size() == 2 && s.keys().size() == 2);
    assertThat(acked()).isTrue();
    server.close();
    Waits.until("disconnected", () -> !client.connected());
    assertThat(client.synced()).isTrue();

    startServer(port);
    Waits.until("connected again", () -> server.status().stream().anyMatch(NodeStatus::connected));
    // Connected, and nothing published yet: what the client has stays.
    assertThat(offered).isEmpty();
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "stripe"), keys(ORDERS, "a"))));
    PolicySet set = offered(s -> s.policies().size() == 1 && s.keys().size() == 1);
    assertThat(set.policies().get(ORDERS)).extracting(EndpointPolicy::scheme).isEqualTo("stripe");
    assertThat(acked()).isTrue();
  }

  @Test
  void renewedIdentity_isReadAtTheNextConnection() throws Exception {
    server.publish(NODE, NodeSnapshot.empty());
    IdentityFiles identity =
        pki.issue(
            directory.resolve("node"),
            Leaf.workload(NODE.spiffePath()).lasting(Duration.ofSeconds(-1)));
    PolicyClient client =
        new PolicyClient(
            new PolicyClient.Config(new HostPort("127.0.0.1", port), SERVER_ID, identity, NODE),
            candidate -> Optional.empty());
    open.add(client);
    client.start();
    assertThat(offered.poll(500, TimeUnit.MILLISECONDS)).isNull();
    assertThat(client.synced()).isFalse();
    pki.issue(directory.resolve("node"), Leaf.workload(NODE.spiffePath()));
    Waits.until("synced", client::synced);
  }

  @Test
  void concurrentPublishes_latestWins_clientConverges() throws Exception {
    PolicyClient client = client();
    try (ExecutorService publishers = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 200; i++) {
        NodeSnapshot snapshot =
            NodeSnapshot.of(List.of(policy(ORDERS, "scheme-" + i), keys(ORDERS, "secret-" + i)));
        publishers.execute(() -> server.publish(NODE, snapshot));
      }
    }
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "last"), keys(ORDERS, "last"))));
    Waits.until("synced", client::synced);
    assertThat(acked()).isTrue();
    PolicySet set =
        offered(s ->
            s.keys().size() == 1
                && s.policies().values().stream().anyMatch(p -> p.scheme().equals("last")));
    assertThat(set.policies()).hasSize(1);
  }

  @Test
  void largeSnapshot_arrivesWhole() throws Exception {
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < 8_000; i++) {
      EndpointRef ref = EndpointRef.parse("acme/endpoint-" + i);
      resources.add(policy(ref, "zen"));
      resources.add(keys(ref, "x".repeat(100)));
    }
    long bytes = resources.stream().mapToLong(r -> r.body().getSerializedSize()).sum();
    assertThat(bytes).isGreaterThan(1_000_000);
    server.publish(NODE, NodeSnapshot.of(resources));
    client();
    offered(s -> s.policies().size() == 8_000 && s.keys().size() == 8_000);
    assertThat(acked()).isTrue();
  }

  @Test
  void close_stopsForGood() throws Exception {
    server.publish(NODE, NodeSnapshot.empty());
    PolicyClient client = client();
    Waits.until("synced", client::synced);
    client.close();
    assertThat(client.connected()).isFalse();
    Waits.until("gone", () -> server.status().stream().noneMatch(NodeStatus::connected));
  }
}
