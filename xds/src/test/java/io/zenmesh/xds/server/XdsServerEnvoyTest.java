package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.Bootstrap;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server against a real Envoy, with the resources the product renders. */
@Timeout(120)
class XdsServerEnvoyTest {
  private static final Set<ResourceType> ALL =
      EnumSet.of(
          ResourceType.SECRET, ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.ROUTE);

  @TempDir Path directory;
  private final ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
  private final SnapshotFactory factory = new SnapshotFactory(versions);
  private TestMesh mesh;
  private XdsServer server;
  private LocalEnvoy envoy;
  private int port;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory);
    server = mesh.server();
    port = freePort();
    Path admin = directory.resolve("admin.sock");
    envoy =
        new LocalEnvoy(
            directory,
            Bootstrap.render(
                new Bootstrap.Spec(
                    ENVOY,
                    new HostPort("127.0.0.1", mesh.port()),
                    TestMesh.SERVER.toString(),
                    mesh.identity(ENVOY.spiffePath()),
                    admin)),
            admin);
  }

  @AfterEach
  void stop() {
    envoy.close();
    server.close();
    mesh.close();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private TlsIdentity certificate(String directoryName) throws IOException {
    IdentityFiles files =
        mesh.pki().issue(directory.resolve(directoryName), Leaf.server("hooks.acme.test"));
    return new TlsIdentity(
        "edge-tls",
        Files.readString(files.certificateChain()),
        SecretBytes.takeOver(Files.readAllBytes(files.privateKey())));
  }

  private NodeSnapshot ingress(TlsIdentity certificate) {
    return factory.ingress(
        new IngressNode(
            ENVOY,
            new HostPort("127.0.0.1", port),
            "edge-tls",
            directory.resolve("extproc.sock").toString(),
            List.of(
                new IngressNode.EgressPeer(
                    new HostPort("127.0.0.1", 9),
                    "spiffe://zen.local/cluster/edge/envoy/egress-1")),
            List.of(
                new IngressRoute(
                    EndpointRef.parse("acme/zen"), "hooks.acme.test", "/acme/zen", false))),
        certificate);
  }

  private static NodeSnapshot with(NodeSnapshot base, Resource... changed) {
    List<Resource> all = new ArrayList<>(List.of(changed));
    for (ResourceType type : ResourceType.values()) {
      base.resources(type).values().stream()
          .filter(
              old -> all.stream().noneMatch(n -> n.type() == type && n.name().equals(old.name())))
          .toList()
          .forEach(all::add);
    }
    return NodeSnapshot.of(all);
  }

  private static NodeSnapshot without(NodeSnapshot base, ResourceType gone) {
    List<Resource> rest = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      if (type != gone) {
        rest.addAll(base.resources(type).values());
      }
    }
    return NodeSnapshot.of(rest);
  }

  private static Listener listener(NodeSnapshot snapshot) throws Exception {
    Resource resource = snapshot.resources(ResourceType.LISTENER).values().iterator().next();
    return Listener.parseFrom(resource.body().getValue());
  }

  /** The same listener with a filter Envoy has never heard of. */
  private Resource broken(NodeSnapshot snapshot) throws Exception {
    Listener.Builder listener = listener(snapshot).toBuilder();
    listener
        .getFilterChainsBuilder(0)
        .addFilters(
            0,
            Filter.newBuilder()
                .setName("unheard-of")
                .setTypedConfig(
                    Any.newBuilder().setTypeUrl("type.googleapis.com/zenmesh.test.UnheardOf")));
    return versions.resource(ResourceType.LISTENER, "ingress", listener.build());
  }

  private TypeStatus.State state(ResourceType type) {
    return status(type).map(TypeStatus::state).orElse(TypeStatus.State.PENDING);
  }

  private Optional<TypeStatus> status(ResourceType type) {
    return server.status().stream()
        .filter(node -> node.node().equals(ENVOY) && node.connected())
        .flatMap(node -> node.types().stream())
        .filter(status -> status.type() == type)
        .findFirst();
  }

  private void awaitAllAcked() throws IOException {
    try {
      Waits.until(
          "all acked", () -> ALL.stream().allMatch(type -> state(type) == TypeStatus.State.ACKED));
    } catch (AssertionError late) {
      throw new AssertionError(server.status() + "\n" + envoy.logged(), late);
    }
  }

  private boolean acked() throws Exception {
    return server.whenAcked(ENVOY, ALL, Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
  }

  /** The leaf that a fresh connection is shown; empty when there is no connection. */
  private Optional<X509Certificate> served(int at) {
    try {
      KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
      roots.load(null, null);
      try (InputStream pem = Files.newInputStream(directory.resolve("pki/root.pem"))) {
        roots.setCertificateEntry(
            "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(roots);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, trust.getTrustManagers(), null);
      try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", at), 2_000);
        socket.startHandshake();
        return Optional.of((X509Certificate) socket.getSession().getPeerCertificates()[0]);
      }
    } catch (IOException unreachable) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate leaf(TlsIdentity identity) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    identity.certificateChainPem().getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void X03_envoy_acksEverything_refusesABrokenListenerOnce_andTakesTheNext() throws Exception {
    TlsIdentity certificate = certificate("edge");
    NodeSnapshot good = ingress(certificate);
    server.publish(ENVOY, good);
    awaitAllAcked();
    assertThat(acked()).isTrue();
    Waits.until("served", () -> served(port).isPresent());
    assertThat(served(port)).contains(leaf(certificate));

    int probePort = freePort();
    Listener.Builder probe = listener(good).toBuilder().setName("probe");
    probe.getAddressBuilder().getSocketAddressBuilder().setPortValue(probePort);
    Resource second = versions.resource(ResourceType.LISTENER, "probe", probe.build());
    NodeSnapshot bad = with(good, broken(good), second);
    server.publish(ENVOY, bad);
    assertThat(acked()).isFalse();
    Waits.until("the good listener beside it", () -> served(probePort).isPresent());
    assertThat(state(ResourceType.LISTENER)).isEqualTo(TypeStatus.State.NACKED);
    assertThat(status(ResourceType.LISTENER).flatMap(TypeStatus::detail).orElseThrow())
        .contains("UnheardOf");
    assertThat(state(ResourceType.CLUSTER)).isEqualTo(TypeStatus.State.ACKED);
    assertThat(served(port)).contains(leaf(certificate));

    // Once in company, once alone, and never again.
    Waits.until("settled", () -> rejected() == 2);
    for (int i = 0; i < 5; i++) {
      server.publish(ENVOY, bad);
    }
    TlsIdentity renewed = certificate("edge-2");
    server.publish(ENVOY, with(ingress(renewed), broken(good), second));
    Waits.until("renewed certificate", () -> served(port).equals(Optional.of(quietLeaf(renewed))));
    assertThat(rejected()).isEqualTo(2);

    server.publish(ENVOY, with(ingress(renewed), second));
    assertThat(acked()).isTrue();
    assertThat(rejected()).isEqualTo(2);
  }

  private long rejected() {
    try {
      return envoy.stat("listener_manager.lds.update_rejected");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private X509Certificate quietLeaf(TlsIdentity identity) {
    try {
      return leaf(identity);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void X07_serverRestart_envoyKeepsServing_andFollowsTheRemovalItMissed() throws Exception {
    NodeSnapshot good = ingress(certificate("edge"));
    server.publish(ENVOY, good);
    awaitAllAcked();
    Waits.until("served", () -> served(port).isPresent());
    server.close();
    assertThat(served(port)).isPresent();

    server =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress("127.0.0.1", mesh.port()),
                mesh.identity(TestMesh.SERVER.path()),
                TestMesh.TRUST_DOMAIN),
            Clock.systemUTC());
    server.start();
    Waits.until("envoy back", () -> server.status().stream().anyMatch(NodeStatus::connected));
    assertThat(served(port)).isPresent();
    long updates = envoy.stat("cluster_manager.cluster_updated");
    server.publish(ENVOY, without(good, ResourceType.LISTENER));
    Waits.until("listener gone", () -> refusesConnections());
    assertThat(acked()).isTrue();
    assertThat(envoy.stat("cluster_manager.cluster_updated")).isEqualTo(updates);
  }

  private boolean refusesConnections() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
      return false;
    } catch (IOException refused) {
      return true;
    }
  }
}
