package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.apply.TenantRows;
import io.zenmesh.controlplane.audit.InMemoryTrail;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.IdleNodes;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.controlplane.tenant.MemoryPrincipals;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The API over real TLS, with a store, a record and a clock in the hands of the test. */
abstract class ApiServerFixture {
  static final SpiffeId SERVER = new SpiffeId("zen.test", "/control-plane");

  @TempDir Path folder;
  DevPki pki;
  TestMesh files;
  boolean storeAway;
  boolean stateAway;
  boolean ready = true;
  Instant now = Instant.now(Clock.systemUTC());
  final RecordedDecisions decisions = new RecordedDecisions();
  final MemoryPrincipals principals = new MemoryPrincipals("acme", "globex");
  MacKey cursorKey;
  ApiServer server;
  ContentVersion versions;
  int port;

  @BeforeEach
  void start() throws IOException {
    pki = DevPki.openOrCreate(folder.resolve("mesh-pki"), "zen.test", Clock.systemUTC());
    files = TestMesh.in(folder);
    KeysetFile keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    cursorKey = new MacKey(SecretBytes.takeOver(new byte[32]));
    IdleNodes nodes = new IdleNodes();
    Publisher publisher =
        new Publisher(
            new Publisher.Sources(
                () -> {
                  if (stateAway) {
                    throw new StoreException("database: gone", new SQLException("CANARY-row"));
                  }
                  return new StoredState(List.of(), List.of(), List.of(), List.of());
                },
                new SecretOpener(new Envelope(keyset, new SecureRandom()), new RecordingTrail()),
                Catalogue.bundled(),
                "zen.test",
                InstantSource.system()),
            new SnapshotFactory(versions),
            nodes,
            nodes);
    MeshStore store =
        (desired, beforeCommit) -> {
          if (storeAway) {
            throw new StoreException("database: gone", new SQLException("CANARY-row"));
          }
          return List.of();
        };
    InstantSource clock = () -> now;
    List<RouteGroup> own =
        List.of(
            new ProcessRoutes(() -> ready, () -> "# nothing\n"),
            new AuditRoutes(
                new NoChains(), new NoCheckpoints(), Optional::empty, new Cursors(cursorKey)),
            new MeshRoutes(
                new MeshApply(files.reader(), store, publisher, new InMemoryTrail()),
                List::of,
                new Cursors(cursorKey)),
            new PrincipalRoutes(
                principals,
                new Credentials(principals, new SecureRandom(), clock),
                new Cursors(cursorKey),
                new ChangeRecord(decisions),
                "zen.test",
                clock),
            new ResourceRoutes(
                principals,
                new NoRows(),
                Optional.empty(),
                new Cursors(cursorKey),
                new ChangeRecord(decisions)));
    server =
        new ApiServer(
            new ApiServer.Config(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                issue(pki, "/control-plane"),
                "zen.test"),
            Stream.concat(own.stream(), Stream.of(new OtherRoutes(own))).toList(),
            new ApiServer.Tenancy(
                principals,
                new Credentials(principals, new SecureRandom(), clock),
                principals,
                cursorKey),
            decisions,
            clock);
    port = server.start();
  }

  @AfterEach
  void end() {
    server.close();
    versions.close();
    cursorKey.close();
  }

  IdentityFiles issue(DevPki authority, String path) {
    return authority.issue(folder.resolve("id" + path.replace('/', '-')), Leaf.workload(path));
  }

  HttpClient operator() throws IOException {
    return client(MutualTls.load(issue(pki, "/operator/admin")).client(SERVER));
  }

  static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  /** Trusts the mesh's root and shows nothing; the certificate bears 127.0.0.1. */
  HttpClient anonymous() throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    X509Certificate root =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(
                    new ByteArrayInputStream(pki.rootPem().getBytes(StandardCharsets.US_ASCII)));
    roots.setCertificateEntry("root", root);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext tls = SSLContext.getInstance("TLSv1.3");
    tls.init(null, trust.getTrustManagers(), null);
    return client(tls);
  }

  HttpRequest.Builder mesh(String query, BodyPublisher body) {
    return request("/v1/mesh" + query).header("Content-Type", "application/yaml").POST(body);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path));
  }

  HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (client) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(it -> assertThat(it).startsWith("application/problem+json"));
    assertThat(response.body())
        .contains("\"type\":\"https://zenmesh.io/problems/" + code + "\"")
        .contains("\"status\":" + status)
        .doesNotContain("Exception")
        .doesNotContain("CANARY");
    assertThat(response.headers().firstValue("Server")).isEmpty();
  }

  private static final class NoRows implements TenantRows {
    @Override
    public List<ClusterSpec> clusters() {
      return List.of();
    }

    @Override
    public List<DestinationSpec> destinations() {
      return List.of();
    }

    @Override
    public List<EndpointSpec> endpoints() {
      return List.of();
    }
  }
}
