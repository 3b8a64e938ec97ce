package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.MeshWatch;
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
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiServerTest {
  private static final SpiffeId SERVER = new SpiffeId("zen.test", "/control-plane");

  @TempDir Path folder;
  private DevPki pki;
  private TestMesh files;
  private boolean storeAway;
  private boolean stateAway;
  private boolean ready = true;
  private Instant now = Instant.now(Clock.systemUTC());
  private final RecordedDecisions decisions = new RecordedDecisions();
  private final MemoryPrincipals principals = new MemoryPrincipals("acme", "globex");
  private MacKey cursorKey;
  private ApiServer server;
  private ContentVersion versions;
  private int port;

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
            new ProcessRoutes(() -> ready),
            new AuditRoutes(new NoChains(), new NoCheckpoints()),
            new MeshRoutes(
                new MeshApply(files.reader(), store, publisher, new InMemoryTrail()), List::of),
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
                principals, new Credentials(principals, new SecureRandom(), clock), principals),
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

  private IdentityFiles issue(DevPki authority, String path) {
    return authority.issue(folder.resolve("id" + path.replace('/', '-')), Leaf.workload(path));
  }

  private HttpClient operator() throws IOException {
    return client(MutualTls.load(issue(pki, "/operator/admin")).client(SERVER));
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  /** Trusts the mesh's root and shows nothing; the certificate bears 127.0.0.1. */
  private HttpClient anonymous() throws Exception {
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

  private HttpRequest.Builder mesh(String query, BodyPublisher body) {
    return request("/v1/mesh" + query).header("Content-Type", "application/yaml").POST(body);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path));
  }

  private HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (client) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static void assertProblem(HttpResponse<String> response, int status, String code) {
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

  @Test
  void health_isOpenToAnyone() throws Exception {
    assertThat(send(anonymous(), request("/healthz")).statusCode()).isEqualTo(200);
    assertThat(send(anonymous(), request("/readyz")).statusCode()).isEqualTo(200);
    ready = false;
    assertThat(send(anonymous(), request("/readyz")).statusCode()).isEqualTo(503);
  }

  @Test
  void X01_noCertificate_isRefusedOnEveryOperatorPath() throws Exception {
    assertProblem(send(anonymous(), request("/v1/proxies")), 401, "unauthenticated");
    assertProblem(
        send(anonymous(), mesh("", BodyPublishers.ofString("kind: X"))), 401, "unauthenticated");
    assertProblem(send(anonymous(), request("/v1/nothing")), 404, "not_found");
  }

  @Test
  void X01_certificateOfAnotherAuthority_failsTheHandshake() throws IOException {
    DevPki other = DevPki.openOrCreate(folder.resolve("other-pki"), "zen.test", Clock.systemUTC());
    IdentityFiles strange = issue(other, "/operator/admin");
    Files.writeString(strange.trustBundle(), pki.rootPem());
    HttpClient client = client(MutualTls.load(strange).client(SERVER));
    assertThatThrownBy(() -> send(client, request("/v1/proxies"))).isInstanceOf(IOException.class);
  }

  @Test
  void X01_operatorOfAnotherTrustDomain_isRefused() throws Exception {
    DevPki sameRoot =
        DevPki.openOrCreate(folder.resolve("mesh-pki"), "other.test", Clock.systemUTC());
    IdentityFiles foreign = issue(sameRoot, "/operator/foreign");
    assertProblem(
        send(client(MutualTls.load(foreign).client(SERVER)), request("/v1/proxies")),
        401,
        "unauthenticated");
  }

  @Test
  void certificatePastItsEnd_isRefusedOnAKeptConnection() throws Exception {
    try (HttpClient client = operator()) {
      assertThat(client.send(request("/v1/proxies").build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      now = now.plus(Duration.ofDays(4000));
      assertProblem(
          client.send(request("/v1/proxies").build(), BodyHandlers.ofString()),
          401,
          "unauthenticated");
    }
  }

  @Test
  void plaintext_isNotSpoken() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(64);
      assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/1.1 200");
    }
  }

  @Test
  void tls12_isNotSpoken() throws Exception {
    SSLParameters old = new SSLParameters();
    old.setProtocols(new String[] {"TLSv1.2"});
    SSLContext tls = MutualTls.load(issue(pki, "/operator/admin")).client(SERVER);
    HttpClient client = HttpClient.newBuilder().sslContext(tls).sslParameters(old).build();
    assertThatThrownBy(() -> send(client, request("/healthz"))).isInstanceOf(SSLException.class);
  }

  @Test
  void goodMesh_isAccepted() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"changes\":[],\"nodes\":0,\"behind\":[]}");
  }

  @Test
  void badMesh_tellsEveryProblem() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("?file=my.yaml", BodyPublishers.ofString("kind: A\n---\nkind: B\n")));
    assertProblem(response, 422, "mesh_invalid");
    assertThat(response.body()).contains("my.yaml:1: A #1", "my.yaml:3: B #2");
  }

  @Test
  void fileLabel_isNeverRepeatedUnchecked() throws Exception {
    HttpResponse<String> response =
        send(operator(), mesh("?file=%3Cscript%3E", BodyPublishers.ofString("kind: A\n")));
    assertProblem(response, 400, "parameter_invalid");
    assertThat(response.body()).doesNotContain("script");
  }

  @Test
  void bodyOverTheLimit_isRefused() throws Exception {
    byte[] large = new byte[MeshWatch.MAX_BYTES + 1];
    Arrays.fill(large, (byte) '#');
    assertProblem(
        send(operator(), mesh("", BodyPublishers.ofByteArray(large))), 413, "body_too_large");
  }

  @Test
  void bodyThatIsNotText_isRefused() throws Exception {
    assertProblem(
        send(operator(), mesh("", BodyPublishers.ofByteArray(new byte[] {(byte) 0xff}))),
        400,
        "body_malformed");
  }

  @Test
  void storeAway_is503WithRetryAfter() throws Exception {
    storeAway = true;
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertProblem(response, 503, "store_unavailable");
    assertThat(response.headers().firstValue("Retry-After")).isEqualTo(Optional.of("2"));
  }

  @Test
  void publicationThatFailsAfterTheCommit_isNotCalledNoChange() throws Exception {
    stateAway = true;
    HttpResponse<String> response =
        send(operator(), mesh("", BodyPublishers.ofString(TestMesh.all())));
    assertProblem(response, 500, "publication_pending");
    assertThat(response.body()).contains("stored, not yet published").doesNotContain("nothing has");
  }

  @Test
  void unknownPathAndMethod_areProblems() throws Exception {
    assertProblem(send(operator(), request("/v1/nothing")), 404, "not_found");
    assertProblem(send(operator(), request("/v1/proxies").DELETE()), 405, "method_not_allowed");
    assertProblem(send(anonymous(), request("/")), 404, "not_found");
  }

  @Test
  void methodsTheContractDoesNotName_areRefused() throws Exception {
    assertThat(send(operator(), request("/healthz").HEAD()).statusCode()).isEqualTo(405);
    assertProblem(
        send(operator(), request("/v1/proxies").method("OPTIONS", BodyPublishers.noBody())),
        405,
        "method_not_allowed");
  }

  @Test
  void decisions_areOnRecordBeforeTheAnswer() throws Exception {
    send(operator(), request("/v1/proxies").header("X-Request-Id", "req-12345678"));
    send(anonymous(), request("/v1/proxies"));
    assertThat(decisions.lines())
        .containsExactly(
            "api.authenticate operation/listProxies ALLOWED",
            "api.authorize operation/listProxies ALLOWED",
            "api.authenticate operation/listProxies DENIED no_credential");
    assertThat(decisions.events.getFirst().correlation()).isEqualTo("req-12345678");
    assertThat(decisions.events.getFirst().actor().id())
        .isEqualTo("spiffe://zen.test/operator/admin");
  }

  @Test
  void F32_recordFull_is503AndNothingIsDone() throws Exception {
    decisions.full = true;
    storeAway = true;
    for (HttpClient client : List.of(operator(), anonymous())) {
      HttpResponse<String> response =
          send(client, mesh("", BodyPublishers.ofString(TestMesh.all())));
      assertProblem(response, 503, "audit_unavailable");
    }
    assertThat(send(anonymous(), request("/healthz")).statusCode()).isEqualTo(200);
  }

  @Test
  void correlation_isTakenOverOrMade() throws Exception {
    HttpResponse<String> kept =
        send(anonymous(), request("/v1/proxies").header("X-Request-Id", "from-envoy-1"));
    assertThat(kept.headers().firstValue("X-Request-Id")).hasValue("from-envoy-1");
    assertThat(kept.body()).contains("\"correlationId\":\"from-envoy-1\"");
    HttpResponse<String> traced =
        send(
            anonymous(),
            request("/v1/proxies")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    assertThat(traced.headers().firstValue("X-Request-Id"))
        .hasValue("0af7651916cd43dd8448eb211c80319c");
    HttpResponse<String> made =
        send(anonymous(), request("/v1/proxies").header("X-Request-Id", "no good id"));
    assertThat(made.headers().firstValue("X-Request-Id").orElseThrow()).matches("[0-9a-f]{32}");
  }

  @Test
  void contract_isServedAsItIs() throws Exception {
    HttpResponse<String> response = send(anonymous(), request("/v1/openapi.yaml"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().getBytes(StandardCharsets.UTF_8))
        .isEqualTo(ApiContract.bundled().text());
  }

  @Test
  void unknownQueryParameter_isRefused() throws Exception {
    assertProblem(send(operator(), request("/v1/proxies?tenant=acme")), 400, "parameter_invalid");
  }

  @Test
  void bodyOfAnotherType_isRefused() throws Exception {
    assertProblem(
        send(
            operator(),
            request("/v1/mesh")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"))),
        415,
        "content_type_unsupported");
  }

  @Test
  void whereAFileRules_nothingIsChangedPieceByPiece() throws Exception {
    assertProblem(
        send(
            operator(),
            request("/v1/tenants/acme/endpoints/x")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"spec\":{}}"))),
        409,
        "managed_by_file");
    assertProblem(
        send(operator(), request("/v1/tenants/acme/endpoints/x").DELETE()), 409, "managed_by_file");
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
