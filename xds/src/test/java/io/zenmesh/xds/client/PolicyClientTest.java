package io.zenmesh.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import io.zenmesh.xds.server.NodeStatus;
import io.zenmesh.xds.server.OddLeaf;
import io.zenmesh.xds.server.TypeStatus;
import io.zenmesh.xds.server.Waits;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class PolicyClientTest {
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name("ingress-1"));
  private static final String SERVER_ID = "spiffe://zen.local/control-plane";
  private static final Set<ResourceType> BOTH = Set.of(ResourceType.POLICY, ResourceType.KEYS);
  private static final EndpointRef ORDERS = EndpointRef.parse("acme/orders");
  private static final EndpointRef RETURNS = EndpointRef.parse("acme/returns");

  @TempDir Path directory;
  private final ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
  private final BlockingQueue<PolicySet> offered = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private DevPki pki;
  private IdentityFiles serverIdentity;
  private XdsServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    serverIdentity = pki.issue(directory.resolve("server"), Leaf.workload("/control-plane"));
    startServer(0);
  }

  private void startServer(int wanted) throws IOException {
    server =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress("127.0.0.1", wanted), serverIdentity, "zen.local"),
            Clock.systemUTC());
    open.add(server);
    port = server.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private PolicyClient client(String serverId, PolicyListener listener) {
    IdentityFiles identity = pki.issue(directory.resolve("node"), Leaf.workload(NODE.spiffePath()));
    PolicyClient client =
        new PolicyClient(
            new PolicyClient.Config(new HostPort("127.0.0.1", port), serverId, identity, NODE),
            listener);
    open.add(client);
    client.start();
    return client;
  }

  private PolicyClient client() {
    return client(
        SERVER_ID,
        candidate -> {
          offered.add(candidate);
          return Optional.empty();
        });
  }

  private PolicySet offered(Predicate<PolicySet> wanted) throws InterruptedException {
    List<PolicySet> seen = new ArrayList<>();
    while (true) {
      PolicySet set = offered.poll(20, TimeUnit.SECONDS);
      if (set == null) {
        throw new AssertionError("policy set: not among " + seen);
      }
      if (wanted.test(set)) {
        return set;
      }
      seen.add(set);
    }
  }

  private Resource policy(EndpointRef ref, String scheme) {
    EndpointPolicy policy =
        new EndpointPolicy(
            ref,
            scheme,
            Optional.of(Duration.ofSeconds(300)),
            1024,
            Optional.empty(),
            EndpointPolicy.OnDuplicate.REFUSE,
            EndpointPolicy.OnStoreLoss.REFUSE);
    return versions.resource(ResourceType.POLICY, ref.routeName(), PolicyCodec.encode(policy));
  }

  private Resource keys(EndpointRef ref, String secret) {
    EndpointKeys keys =
        new EndpointKeys(
            ref,
            List.of(
                new VerificationKey(
                    "k1",
                    Instant.EPOCH,
                    Optional.empty(),
                    SecretBytes.takeOver(secret.getBytes(StandardCharsets.UTF_8)))));
    return versions.resource(ResourceType.KEYS, ref.routeName(), PolicyCodec.encode(keys));
  }

  private boolean acked() throws Exception {
    return server.whenAcked(NODE, BOTH, Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
  }

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

  private TypeStatus status(ResourceType type) {
    NodeStatus node = server.status().getFirst();
    return node.types().stream().filter(s -> s.type() == type).findFirst().orElseThrow();
  }

  /** Takes every set but those with a policy of this scheme. */
  private PolicyClient clientRefusing(String scheme) {
    return client(
        SERVER_ID,
        candidate -> {
          offered.add(candidate);
          return candidate.policies().values().stream().anyMatch(p -> p.scheme().equals(scheme))
              ? Optional.of("scheme: " + scheme + " (expected: one in the catalogue)")
              : Optional.empty();
        });
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
                .anyMatch(t -> t.state() == TypeStatus.State.NACKED));
    assertThat(status(ResourceType.KEYS).detail())
        .contains("listener: failed with IllegalStateException");
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
  void X01_serverWithAnotherSpiffeId_isNotTalkedTo() throws Exception {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"))));
    PolicyClient client = client("spiffe://zen.local/other-plane", candidate -> Optional.empty());
    // Long enough for several attempts.
    assertThat(offered.poll(2, TimeUnit.SECONDS)).isNull();
    assertThat(client.connected()).isFalse();
    assertThat(server.status()).noneMatch(NodeStatus::connected);
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
