package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;

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
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
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
import org.junit.jupiter.api.io.TempDir;

/** A real Envoy on a server, with the resources the product renders. */
abstract class EnvoySteps {
  static final Set<ResourceType> ALL =
      EnumSet.of(
          ResourceType.SECRET, ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.ROUTE);

  @TempDir Path directory;
  final ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
  final SnapshotFactory factory = new SnapshotFactory(versions);
  TestMesh mesh;
  XdsServer server;
  LocalEnvoy envoy;
  int port;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory, RestartPort.pick());
    server = mesh.server();
    port = RestartPort.pick();
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

  TlsIdentity certificate(String directoryName) throws IOException {
    IdentityFiles files =
        mesh.pki().issue(directory.resolve(directoryName), Leaf.server("hooks.acme.test"));
    return new TlsIdentity(
        "edge-tls",
        Files.readString(files.certificateChain()),
        SecretBytes.takeOver(Files.readAllBytes(files.privateKey())));
  }

  NodeSnapshot ingress(TlsIdentity certificate) {
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

  static NodeSnapshot with(NodeSnapshot base, Resource... changed) {
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

  static NodeSnapshot without(NodeSnapshot base, ResourceType gone) {
    List<Resource> rest = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      if (type != gone) {
        rest.addAll(base.resources(type).values());
      }
    }
    return NodeSnapshot.of(rest);
  }

  static Listener listener(NodeSnapshot snapshot) throws Exception {
    Resource resource = snapshot.resources(ResourceType.LISTENER).values().iterator().next();
    return Listener.parseFrom(resource.body().getValue());
  }

  /** The same listener with a filter Envoy has never heard of. */
  Resource broken(NodeSnapshot snapshot) throws Exception {
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

  TypeStatus.State state(ResourceType type) {
    return status(type).map(TypeStatus::state).orElse(TypeStatus.State.PENDING);
  }

  Optional<TypeStatus> status(ResourceType type) {
    return server.status().stream()
        .filter(node -> node.node().equals(ENVOY) && node.connected())
        .flatMap(node -> node.types().stream())
        .filter(status -> status.type() == type)
        .findFirst();
  }

  void awaitAllAcked() throws IOException {
    try {
      Waits.until(
          "all acked", () -> ALL.stream().allMatch(type -> state(type) == TypeStatus.State.ACKED));
    } catch (AssertionError late) {
      throw new AssertionError(server.status() + "\n" + envoy.logged(), late);
    }
  }

  boolean acked() throws Exception {
    return server.whenAcked(ENVOY, ALL, Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
  }

  /** The leaf that a fresh connection is shown; empty when there is no connection. */
  Optional<X509Certificate> served(int at) {
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

  X509Certificate leaf(TlsIdentity identity) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(
                    identity.certificateChainPem().getBytes(StandardCharsets.US_ASCII)));
  }

  long rejected() {
    try {
      return envoy.stat("listener_manager.lds.update_rejected");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  X509Certificate quietLeaf(TlsIdentity identity) {
    try {
      return leaf(identity);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  boolean refusesConnections() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
      return false;
    } catch (IOException refused) {
      return true;
    }
  }
}
