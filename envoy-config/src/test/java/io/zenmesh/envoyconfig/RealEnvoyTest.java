package io.zenmesh.envoyconfig;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.envoyconfig.RecordingTarget.Arrival;
import io.zenmesh.envoyconfig.ScriptedProcessor.Act;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.StaticConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Ingress, egress and target as the factories render them, in two Envoy processes. */
@TestInstance(Lifecycle.PER_CLASS)
class RealEnvoyTest {
  private static final String BODY = "{\"order\": 1}";

  private final Fixture mesh;

  RealEnvoyTest() throws IOException, GeneralSecurityException {
    mesh = new Fixture();
  }

  @BeforeAll
  void start() throws IOException, GeneralSecurityException {
    mesh.start();
  }

  @AfterAll
  void stop() throws InterruptedException, IOException {
    mesh.close();
  }

  @BeforeEach
  void forget() {
    mesh.target().arrivals().clear();
    mesh.processor().received().clear();
  }

  @Test
  void verifiedRequest_reachesTheTargetOnceAndByteEqual() throws Exception {
    String answer = mesh.post("/acme/orders?a=1&b=%2F", Act.ACCEPT, "");

    assertThat(answer).startsWith("HTTP/1.1 200");
    assertThat(mesh.target().arrivals()).hasSize(1);
    Arrival arrival = mesh.target().arrivals().getFirst();
    assertThat(arrival.uri()).isEqualTo("/in?a=1&b=%2F");
    assertThat(arrival.body()).isEqualTo(BODY);
    assertThat(arrival.header("host")).containsExactly("localhost:" + mesh.target().port());
    assertThat(arrival.header("x-zen-tenant")).containsExactly("acme");
    assertThat(arrival.header("x-zen-verified")).containsExactly("true");
  }

  @Test
  void E05_E06_headersThatOnlyAProxyMaySet_areStripped() throws Exception {
    mesh.post(
        "/acme/orders",
        Act.ACCEPT,
        "X-Zen-Tenant: globex\r\nx-zen-tenant: globex\r\nX-ZEN-Verified: true\r\n"
            + "x-zen-anything: 1\r\nx-zen-: 1\r\nx-zen-signatures: 1\r\nx-zen-s: 1\r\n"
            + "client-cert: :AA==:\r\nclient-cert-chain: :AA==:\r\n"
            + "x-forwarded-client-cert: By=evil\r\nx-envoy-retry-on: 5xx\r\n"
            + "x-request-id: mine\r\nx-zen-signature: t=1\r\nx-zen-signature: t=2\r\n");

    Arrival arrival = mesh.target().arrivals().getFirst();
    assertThat(arrival.header("x-zen-tenant")).containsExactly("acme");
    assertThat(arrival.header("x-zen-verified")).containsExactly("true");
    assertThat(arrival.header("x-request-id")).hasSize(1).doesNotContain("mine");
    assertThat(arrival.headers())
        .doesNotContainKeys(
            "x-zen-anything",
            "x-zen-",
            "x-zen-signatures",
            "x-zen-s",
            "client-cert",
            "client-cert-chain",
            "x-forwarded-client-cert",
            "x-envoy-retry-on");
    assertThat(mesh.processor().received().getFirst().getRequestHeaders().getHeaders())
        .asString()
        .contains("t=1", "t=2")
        .doesNotContain("globex");
  }

  @Test
  void E05_headerWithUnderscore_isRefused() throws Exception {
    assertThat(mesh.post("/acme/orders", Act.ACCEPT, "X_ZEN_TENANT: globex\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void E14_requestWithoutProof_isRefusedByTheGate() throws Exception {
    assertThat(mesh.post("/acme/orders", Act.FORGET_PROOF, "")).startsWith("HTTP/1.1 403");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void E14_cleanCloseOfTheProcessor_isRefusedByTheGate() throws Exception {
    assertThat(mesh.post("/acme/orders", Act.CLOSE, "")).startsWith("HTTP/1.1 403");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void refusal_keepsItsHeadersAndBody() throws Exception {
    assertThat(mesh.post("/acme/orders", Act.REFUSE, ""))
        .startsWith("HTTP/1.1 503")
        .contains("content-type: application/problem+json", "retry-after: 7", "store_unavailable")
        .doesNotContain("gateway_unavailable");
  }

  @Test
  void E07_pathThatIsNotARoute_isNotFound() throws Exception {
    assertThat(mesh.post("/acme/order", Act.ACCEPT, ""))
        .startsWith("HTTP/1.1 404")
        .contains("endpoint_unknown", "application/problem+json");
    assertThat(mesh.post("/acme%2Forders", Act.ACCEPT, "")).startsWith("HTTP/1.1 400");
    assertThat(mesh.post("//acme/./x/../orders", Act.ACCEPT, "")).startsWith("HTTP/1.1 200");
  }

  @Test
  void unknownHost_isNotFound() throws Exception {
    assertThat(mesh.exchange(mesh.request("evil.test", "/acme/orders", Act.ACCEPT, "", BODY)))
        .startsWith("HTTP/1.1 404");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void E03_upgrade_isRefused() throws Exception {
    assertThat(
            mesh.post("/acme/orders", Act.ACCEPT, "Connection: Upgrade\r\nUpgrade: websocket\r\n"))
        .startsWith("HTTP/1.1 403");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void E15_targetThatCannotBeReached_isNotDescribed() throws Exception {
    assertThat(mesh.post("/acme/payments", Act.ACCEPT, ""))
        .startsWith("HTTP/1.1 503")
        .contains("gateway_unavailable", "application/problem+json", "retry-after: 1")
        .doesNotContain("upstream", "payments.acme.example", "TLS");
  }

  @Test
  void E09_bodyAtTheLargestLimit_passesAndOneOverTheBuffer_is413() throws Exception {
    String largest = "x".repeat(EndpointPolicy.MAX_BODY_BYTES_CEILING);
    assertThat(mesh.post("/acme/orders", Act.ACCEPT, "", largest)).startsWith("HTTP/1.1 200");
    assertThat(mesh.target().arrivals()).extracting(Arrival::body).containsExactly(largest);
    mesh.target().arrivals().clear();
    String tooLarge = "x".repeat(5 * 1024 * 1024);
    assertThat(mesh.post("/acme/orders", Act.ACCEPT, "", tooLarge)).startsWith("HTTP/1.1 413");
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void routeThatNeedsTheOutcome_showsTheProcessorTheResponse() throws Exception {
    mesh.post("/acme/payments", Act.ACCEPT, "");
    assertThat(mesh.processor().received())
        .anySatisfy(message -> assertThat(message.hasResponseHeaders()).isTrue());
    mesh.processor().received().clear();
    mesh.post("/acme/orders", Act.ACCEPT, "");
    assertThat(mesh.processor().received())
        .noneSatisfy(message -> assertThat(message.hasResponseHeaders()).isTrue());
  }

  @Test
  void processor_isToldTheRouteName() throws Exception {
    mesh.post("/acme/orders", Act.ACCEPT, "");
    assertThat(mesh.processor().received().getFirst().getAttributesMap().values())
        .anySatisfy(attributes ->
            assertThat(attributes.getFieldsOrThrow("xds.route_name").getStringValue())
                .isEqualTo("acme/orders"));
  }

  @Test
  void egress_withoutAnIngressIdentity_isRefused() throws Exception {
    String request = "POST /in HTTP/1.1\r\nhost: a\r\nx-zen-tenant: acme\r\n\r\n";
    assertThatThrownBy(() -> mesh.egressExchange(Optional.empty(), request))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> mesh.egressExchange(Optional.of(mesh.stranger()), request))
        .isInstanceOf(IOException.class);
    assertThat(mesh.target().arrivals()).isEmpty();
  }

  @Test
  void accessLog_holdsNeitherSignatureNorQuery() throws Exception {
    mesh.post("/acme/orders?token=canary-query", Act.ACCEPT, "x-zen-signature: canary-header\r\n");
    assertThat(mesh.ingress().admin("GET", "/ready")).startsWith("HTTP/1.1 200");
    assertThat(mesh.ingress().output()).doesNotContain("canary-query", "canary-header");
  }

  @Test
  void admin_refusesToStopEnvoy() throws Exception {
    assertThat(mesh.ingress().admin("POST", "/quitquitquit")).startsWith("HTTP/1.1 403");
    assertThat(mesh.ingress().admin("POST", "/logging?level=trace")).startsWith("HTTP/1.1 403");
  }

  /** The processes of one test class. */
  private static final class Fixture {
    private final Path directory = Files.createTempDirectory("zen-envoy");
    private final DevPki pki =
        DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    private final int ingressPort = freePort();
    private final int egressPort = freePort();
    private final RecordingTarget target;
    private final ScriptedProcessor processor;
    private Optional<RunningEnvoy> ingress = Optional.empty();
    private Optional<RunningEnvoy> egress = Optional.empty();

    Fixture() throws IOException, GeneralSecurityException {
      IdentityFiles files = pki.issue(directory.resolve("target"), Leaf.server("target"));
      target = new RecordingTarget(PemContext.of(files.trustBundle(), Optional.of(files)));
      processor = new ScriptedProcessor(directory.resolve("extproc.sock"));
    }

    RecordingTarget target() {
      return target;
    }

    ScriptedProcessor processor() {
      return processor;
    }

    RunningEnvoy ingress() {
      return ingress.orElseThrow();
    }

    IdentityFiles stranger() {
      return pki.issue(
          directory.resolve("stranger"), Leaf.workload("/cluster/edge-local/envoy/ingress-9"));
    }

    void start() {
      EnvoyBinary binary = EnvoyBinary.find();
      Path ingressFiles = identity(ExampleMesh.INGRESS);
      pki.issue(
          ingressFiles.resolve(ExampleMesh.CERTIFICATE),
          Leaf.server("edge", "hooks.acme.test", "hooks.globex.test"));
      Path egressFiles = identity(ExampleMesh.EGRESS);
      Path egressAdmin = directory.resolve("egress.sock");
      egress =
          Optional.of(
              new RunningEnvoy(
                  binary,
                  egressFiles,
                  StaticConfig.render(
                      ExampleMesh.egress(
                          ExampleMesh.egressNode(
                              egressPort,
                              URI.create("https://localhost:" + target.port() + "/in"),
                              Optional.of("acme/ca")),
                          List.of(new TrustBundle("acme/ca", pki.rootPem()))),
                      ExampleMesh.spec(ExampleMesh.EGRESS, egressFiles, egressAdmin)),
                  egressAdmin));
      Path ingressAdmin = directory.resolve("ingress.sock");
      ingress =
          Optional.of(
              new RunningEnvoy(
                  binary,
                  ingressFiles,
                  StaticConfig.render(
                      ExampleMesh.ingress(
                          ExampleMesh.ingressNode(
                              ingressPort,
                              directory.resolve("extproc.sock").toString(),
                              egressPort)),
                      ExampleMesh.spec(ExampleMesh.INGRESS, ingressFiles, ingressAdmin)),
                  ingressAdmin));
    }

    String post(String path, Act act, String headers) throws Exception {
      return post(path, act, headers, BODY);
    }

    String post(String path, Act act, String headers, String body) throws Exception {
      return exchange(request("hooks.acme.test", path, act, headers, body));
    }

    String request(String host, String path, Act act, String headers, String body) {
      String connection = headers.contains("Connection:") ? "" : "Connection: close\r\n";
      return "POST %s HTTP/1.1\r\nHost: %s\r\n%sx-act: %s\r\n%sContent-Length: %d\r\n\r\n%s"
          .formatted(path, host, connection, act, headers, body.length(), body);
    }

    String exchange(String request) throws Exception {
      SSLContext tls = PemContext.of(directory.resolve("pki/root.pem"), Optional.empty());
      return exchange(tls, ingressPort, "hooks.acme.test", request);
    }

    String egressExchange(Optional<IdentityFiles> identity, String request) throws Exception {
      SSLContext tls = PemContext.of(directory.resolve("pki/root.pem"), identity);
      return exchange(tls, egressPort, "localhost", request);
    }

    private static String exchange(SSLContext tls, int port, String name, String request)
        throws IOException {
      try (SSLSocket socket =
          (SSLSocket)
              tls.getSocketFactory().createSocket(InetAddress.getByName("127.0.0.1"), port)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      }
    }

    private Path identity(NodeId node) {
      return pki.issue(directory.resolve(node.name().value()), Leaf.workload(node.spiffePath()))
          .directory();
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
        return socket.getLocalPort();
      }
    }

    void close() throws InterruptedException, IOException {
      ingress.ifPresent(RunningEnvoy::close);
      egress.ifPresent(RunningEnvoy::close);
      processor.close();
      target.close();
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }
}
