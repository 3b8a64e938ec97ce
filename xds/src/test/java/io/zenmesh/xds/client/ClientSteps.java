package io.zenmesh.xds.client;

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
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import io.zenmesh.xds.server.NodeStatus;
import io.zenmesh.xds.server.RestartPort;
import io.zenmesh.xds.server.TypeStatus;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.ContentVersion;
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
import org.junit.jupiter.api.io.TempDir;

/** A server, its publications, and clients of one processor. */
abstract class ClientSteps {
  static final NodeId NODE = new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name("ingress-1"));
  static final String SERVER_ID = "spiffe://zen.local/control-plane";
  static final Set<ResourceType> BOTH = Set.of(ResourceType.POLICY, ResourceType.KEYS);
  static final EndpointRef ORDERS = EndpointRef.parse("acme/orders");
  static final EndpointRef RETURNS = EndpointRef.parse("acme/returns");

  @TempDir Path directory;
  final ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
  final BlockingQueue<PolicySet> offered = new LinkedBlockingQueue<>();
  final List<AutoCloseable> open = new ArrayList<>();
  DevPki pki;
  IdentityFiles serverIdentity;
  XdsServer server;
  int port;

  @BeforeEach
  void start() throws Exception {
    pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    serverIdentity = pki.issue(directory.resolve("server"), Leaf.workload("/control-plane"));
    startServer(RestartPort.pick());
  }

  final void startServer(int wanted) throws IOException {
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

  PolicyClient client(String serverId, PolicyListener listener) {
    return client(serverId, listener, Clock.systemUTC());
  }

  PolicyClient client(String serverId, PolicyListener listener, Clock clock) {
    IdentityFiles identity = pki.issue(directory.resolve("node"), Leaf.workload(NODE.spiffePath()));
    PolicyClient client =
        new PolicyClient(
            new PolicyClient.Config(new HostPort("127.0.0.1", port), serverId, identity, NODE),
            listener,
            clock);
    open.add(client);
    client.start();
    return client;
  }

  PolicyClient client() {
    return client(
        SERVER_ID,
        candidate -> {
          offered.add(candidate);
          return Optional.empty();
        });
  }

  PolicySet offered(Predicate<PolicySet> wanted) throws InterruptedException {
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

  Resource policy(EndpointRef ref, String scheme) {
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

  Resource keys(EndpointRef ref, String secret) {
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

  boolean acked() throws Exception {
    return server.whenAcked(NODE, BOTH, Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
  }

  TypeStatus status(ResourceType type) {
    NodeStatus node = server.status().getFirst();
    return node.types().stream().filter(s -> s.type() == type).findFirst().orElseThrow();
  }

  /** Takes every set but those with a policy of this scheme. */
  PolicyClient clientRefusing(String scheme) {
    return client(
        SERVER_ID,
        candidate -> {
          offered.add(candidate);
          return candidate.policies().values().stream().anyMatch(p -> p.scheme().equals(scheme))
              ? Optional.of("scheme: " + scheme + " (expected: one in the catalogue)")
              : Optional.empty();
        });
  }
}
