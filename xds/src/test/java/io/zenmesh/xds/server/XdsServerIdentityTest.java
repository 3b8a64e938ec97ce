package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect: each wrong identity is refused in its own way, and no byte is answered. */
@Timeout(120)
class XdsServerIdentityTest {
  private static final String ENVOY_ID = "spiffe://zen.local" + ENVOY.spiffePath();

  @TempDir Path directory;
  private TestMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory);
    NodeSnapshot all =
        snapshot(
            resource(ResourceType.LISTENER, "ingress", "1"),
            resource(ResourceType.SECRET, "edge-tls", "1"),
            resource(ResourceType.KEYS, "acme/zen", "1"));
    mesh.server().publish(ENVOY, all);
    mesh.server().publish(EXTPROC, all);
  }

  @AfterEach
  void stop() {
    mesh.close();
  }

  private Path pki() {
    return directory.resolve("pki");
  }

  private SslContext tls(Optional<IdentityFiles> shown, String protocol) throws Exception {
    SslContextBuilder builder =
        SslContextBuilder.forClient().trustManager(pki().resolve("root.pem").toFile());
    if (shown.isPresent()) {
      builder.keyManager(new ForcedCertificate(shown.get()));
    }
    return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(protocol).build();
  }

  private Status refusal(Optional<IdentityFiles> shown) throws Exception {
    return refusal(tls(shown, "TLSv1.3"), "ingress-1", "edge", ResourceType.LISTENER);
  }

  private Status refusal(SslContext tls, String id, String cluster, ResourceType type)
      throws Exception {
    try (RawNode node = new RawNode(mesh.port(), tls, id, cluster)) {
      node.subscribe(type);
      Status status = node.end();
      node.expectSilence();
      assertThat(mesh.server().status()).noneMatch(NodeStatus::connected);
      return status;
    }
  }

  private static void assertTlsRefused(Status status) {
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  private static void assertDenied(Status status, String text) {
    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo(text);
  }

  private Status refusedNode(NodeId node, String id, String cluster, ResourceType type)
      throws Exception {
    SslContext tls = MutualTls.load(mesh.identity(node.spiffePath())).grpcClient(TestMesh.SERVER);
    return refusal(tls, id, cluster, type);
  }

  @Test
  void X01_rightIdentity_isServed() throws Exception {
    IdentityFiles right = mesh.identity(ENVOY.spiffePath());
    try (RawNode node =
        new RawNode(mesh.port(), tls(Optional.of(right), "TLSv1.3"), "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      assertThat(node.nextAcked(ResourceType.LISTENER).getResourcesCount()).isEqualTo(1);
    }
  }

  @Test
  void X01_noCertificate_isRefused() throws Exception {
    assertTlsRefused(refusal(Optional.empty()));
  }

  @Test
  void X01_plaintext_isRefused() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", mesh.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // A TLS alert (21) or nothing; never an HTTP/2 settings frame.
      assertThat(socket.getInputStream().read()).isIn(-1, 21);
    }
  }

  @Test
  void X01_tls12_isRefused() throws Exception {
    SslContext old = tls(Optional.of(mesh.identity(ENVOY.spiffePath())), "TLSv1.2");
    assertTlsRefused(refusal(old, "ingress-1", "edge", ResourceType.LISTENER));
  }

  @Test
  void X01_otherAuthority_isRefused() throws Exception {
    DevPki other = DevPki.openOrCreate(directory.resolve("other"), "zen.local", Clock.systemUTC());
    assertTlsRefused(
        refusal(
            Optional.of(
                other.issue(directory.resolve("stranger"), Leaf.workload(ENVOY.spiffePath())))));
  }

  @Test
  void X01_expiredCertificate_isRefused() throws Exception {
    Leaf leaf = Leaf.workload(ENVOY.spiffePath()).lasting(Duration.ofSeconds(-1));
    assertTlsRefused(refusal(Optional.of(mesh.pki().issue(directory.resolve("expired"), leaf))));
  }

  @Test
  void X01_foreignTrustDomain_isRefused() throws Exception {
    DevPki foreign = DevPki.openOrCreate(pki(), "evil.local", Clock.systemUTC());
    assertDenied(
        refusal(
            Optional.of(
                foreign.issue(directory.resolve("foreign"), Leaf.workload(ENVOY.spiffePath())))),
        "peer: foreign (expected: trust domain zen.local)");
  }

  @Test
  void X01_identityThatIsNoNode_isRefused() throws Exception {
    assertDenied(
        refusal(Optional.of(mesh.identity("/operator/alice"))),
        "peer: not a node (expected: /cluster/<cluster>/<envoy|extproc>/<name>)");
  }

  @Test
  void X01_processorAskingForListeners_isRefused() throws Exception {
    assertDenied(
        refusedNode(EXTPROC, "ingress-1", "edge", ResourceType.LISTENER),
        "type: LISTENER (expected: one that role EXTPROC may read)");
  }

  @Test
  void X01_processorAskingForSecrets_isRefused() throws Exception {
    assertDenied(
        refusedNode(EXTPROC, "ingress-1", "edge", ResourceType.SECRET),
        "type: SECRET (expected: one that role EXTPROC may read)");
  }

  @Test
  void X01_envoyAskingForKeys_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-1", "edge", ResourceType.KEYS),
        "type: KEYS (expected: one that role ENVOY may read)");
  }

  @Test
  void X01_nodeIdOfAnother_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-2", "edge", ResourceType.LISTENER),
        "node.id: not the certificate's (expected: ingress-1)");
  }

  @Test
  void X01_clusterOfAnother_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-1", "other", ResourceType.LISTENER),
        "node.cluster: not the certificate's (expected: edge)");
  }

  @Test
  void X02_twoUriNames_areRefused() throws Exception {
    IdentityFiles two =
        OddLeaf.named(ENVOY_ID, "spiffe://zen.local/cluster/edge/envoy/ingress-2")
            .issue(pki(), directory.resolve("two"));
    assertDenied(refusal(Optional.of(two)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_nulInTheName_isRefused() throws Exception {
    IdentityFiles nul = OddLeaf.named(ENVOY_ID + "\0.evil").issue(pki(), directory.resolve("nul"));
    assertThat(refusal(Optional.of(nul)).getCode())
        .isIn(Status.Code.PERMISSION_DENIED, Status.Code.UNAVAILABLE);
  }

  @Test
  void X02_wildcardName_isRefused() throws Exception {
    IdentityFiles wildcard =
        OddLeaf.named("spiffe://zen.local/cluster/edge/envoy/*")
            .issue(pki(), directory.resolve("wildcard"));
    assertDenied(
        refusal(Optional.of(wildcard)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_commonNameOnly_isRefused() throws Exception {
    IdentityFiles commonName = mesh.pki().issue(directory.resolve("cn"), Leaf.client(ENVOY_ID));
    assertDenied(
        refusal(Optional.of(commonName)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_authorityAsLeaf_isRefused() throws Exception {
    OddLeaf authority = new OddLeaf(List.of(ENVOY_ID), true, KeyPurposeId.id_kp_clientAuth);
    assertTlsRefused(refusal(Optional.of(authority.issue(pki(), directory.resolve("ca")))));
  }

  @Test
  void X02_serverCertificateShownByClient_isRefused() throws Exception {
    OddLeaf server = new OddLeaf(List.of(ENVOY_ID), false, KeyPurposeId.id_kp_serverAuth);
    assertTlsRefused(refusal(Optional.of(server.issue(pki(), directory.resolve("eku")))));
  }

  /** A server whose clock stands still at the end of its nodes' certificates, or before it. */
  private TestMesh meshBeforeTheEnd(IdentityFiles identity, Duration before) throws Exception {
    X509Certificate leaf = new ForcedCertificate(identity).getCertificateChain("")[0];
    Clock still = Clock.fixed(leaf.getNotAfter().toInstant().minus(before), ZoneOffset.UTC);
    TestMesh ending = new TestMesh(directory, still, Duration.ofSeconds(5), 64);
    ending.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "1")));
    return ending;
  }

  @Test
  void stream_endsWithItsCertificate() throws Exception {
    IdentityFiles identity = mesh.identity(ENVOY.spiffePath());
    try (TestMesh ending = meshBeforeTheEnd(identity, Duration.ofMillis(500));
        RawNode node = ending.connect(identity, "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      node.nextAcked(ResourceType.LISTENER);
      Status status = node.end();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(status.getDescription()).isEqualTo("peer: certificate has ended");
    }
  }

  @Test
  void callAfterTheEndOfItsCertificate_isRefused() throws Exception {
    IdentityFiles identity = mesh.identity(ENVOY.spiffePath());
    try (TestMesh ended = meshBeforeTheEnd(identity, Duration.ZERO);
        RawNode node = ended.connect(identity, "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      assertThat(node.end().getDescription())
          .isEqualTo("peer: expired (expected: a current X.509-SVID)");
    }
  }

  @Test
  void stateOfTheWorld_isUnimplemented_withText() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", mesh.port()))
            .sslContext(
                MutualTls.load(mesh.identity(ENVOY.spiffePath())).grpcClient(TestMesh.SERVER))
            .build();
    try {
      CompletableFuture<Status> end = new CompletableFuture<>();
      StreamObserver<DiscoveryRequest> requests =
          AggregatedDiscoveryServiceGrpc.newStub(channel)
              .streamAggregatedResources(
                  new StreamObserver<DiscoveryResponse>() {
                    @Override
                    public void onNext(DiscoveryResponse response) {}

                    @Override
                    public void onError(Throwable cause) {
                      end.complete(Status.fromThrowable(cause));
                    }

                    @Override
                    public void onCompleted() {
                      end.complete(Status.OK);
                    }
                  });
      requests.onNext(DiscoveryRequest.getDefaultInstance());
      Status status = end.get(10, TimeUnit.SECONDS);
      assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(status.getDescription())
          .isEqualTo("StreamAggregatedResources: not served (expected: DeltaAggregatedResources)");
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void connectionsBeyondTheLimit_areClosed_andComeBackWhenOthersGo() throws Exception {
    try (TestMesh small =
        new TestMesh(directory.resolve("small"), Clock.systemUTC(), Duration.ofSeconds(5), 1)) {
      small.server().publish(ENVOY, NodeSnapshot.empty());
      RawNode first = small.connect(ENVOY);
      first.subscribe(ResourceType.LISTENER);
      first.nextAcked(ResourceType.LISTENER);
      try (RawNode second = small.connect(ENVOY)) {
        second.subscribe(ResourceType.LISTENER);
        assertTlsRefused(second.end());
      }
      first.close();
      awaitServed(small);
    }
  }

  /** The server notices the closed connection in its own time. */
  private static void awaitServed(TestMesh small) throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try (RawNode next = small.connect(ENVOY)) {
        next.subscribe(ResourceType.LISTENER);
        next.nextAcked(ResourceType.LISTENER);
        return;
      } catch (AssertionError refused) {
        if (attempt == 5) {
          throw refused;
        }
      }
    }
  }
}
