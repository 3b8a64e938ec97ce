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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
}
