package io.zenmesh.extproc;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.zenmesh.extproc.fixture.EnvoySide;
import io.zenmesh.extproc.fixture.EnvoySide.Exchange;
import io.zenmesh.extproc.fixture.RedisFixture;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The whole process: real command line, real Redis, real xDS server; this test plays Envoy. */
class MainTest {
  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name("ingress-1"));
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir static Path directory;
  private static RedisFixture redis;
  private static XdsServer xds;
  private static int xdsPort;
  private static IdentityFiles operator;
  private static Path passwordFile;

  @BeforeAll
  static void startSurroundings() throws IOException {
    redis = RedisFixture.start(directory);
    IdentityFiles controlPlane =
        redis.pki().issue(directory.resolve("control-plane"), Leaf.workload("/control-plane"));
    operator = redis.pki().issue(directory.resolve("operator"), Leaf.workload("/operator/ann"));
    xds =
        new XdsServer(
            new XdsServer.Config(new InetSocketAddress("127.0.0.1", 0), controlPlane, "zen.test"),
            CLOCK);
    xdsPort = xds.start();
    PolicySet mesh = TestMesh.policies();
    ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    xds.publish(
        NODE,
        new SnapshotFactory(versions).processor(mesh.policies().values(), mesh.keys().values()));
    passwordFile = directory.resolve("redis.password");
    Files.writeString(passwordFile, RedisFixture.PASSWORD + "\n");
  }

  @AfterAll
  static void stopSurroundings() {
    xds.close();
    redis.close();
  }

  private static List<String> arguments(Path socket) {
    return new ArrayList<>(
        List.of(
            "serve",
            "--node=ingress-1",
            "--cluster=edge",
            "--trust-domain=zen.test",
            "--identity=" + redis.client().directory(),
            "--xds=127.0.0.1:" + xdsPort,
            "--socket=" + socket,
            "--redis=rediss://" + redis.address(),
            "--redis-user=" + RedisFixture.USER,
            "--redis-password-file=" + passwordFile,
            "--admin=127.0.0.1:0"));
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).build();
  }

  private static HttpClient withCertificate() throws IOException {
    SpiffeId processor = new SpiffeId("zen.test", NODE.spiffePath());
    return client(MutualTls.load(operator).client(processor));
  }

  private static HttpClient withoutCertificate() throws Exception {
    javax.net.ssl.TrustManagerFactory trust = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
    java.security.KeyStore roots = java.security.KeyStore.getInstance("PKCS12");
    roots.load(null, null);
    try (var pem = Files.newInputStream(operator.trustBundle())) {
      roots.setCertificateEntry(
          "root",
          java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    trust.init(roots);
    SSLContext tls = SSLContext.getInstance("TLSv1.3");
    tls.init(null, trust.getTrustManagers(), null);
    return client(tls);
  }

  private static HttpResponse<String> get(HttpClient client, String admin, String path) {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://" + admin + path))
              .timeout(Duration.ofSeconds(5))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(path, e);
    }
  }

  private static ProcessingResponse deliver(EnvoySide envoy, String endpoint, String id) {
    Exchange exchange = envoy.open();
    exchange.head(endpoint, TestMesh.signed(endpoint, BODY, CLOCK.instant(), id), false).answer();
    return exchange.body(BODY, true).answer();
  }

  private static String nonce() {
    return UUID.randomUUID().toString();
  }

  private static String refusal(ProcessingResponse answer) {
    return answer.getImmediateResponse().getDetails();
  }

  @Test
  void serve_verifies_survivesRedis_andDrains() throws Exception {
    Path socket = directory.resolve("extproc.sock");
    try (ProcessorProcess process = ProcessorProcess.start(directory, arguments(socket))) {
      String ready = process.readyLine();
      assertThat(ready).startsWith("ready socket=" + socket + " admin=127.0.0.1:");
      String admin = ready.substring(ready.lastIndexOf('=') + 1);
      HttpClient operators = withCertificate();
      awaitReady(operators, admin);
      try (EnvoySide envoy = new EnvoySide(socket)) {
        String nonce = nonce();
        assertThat(deliver(envoy, TestMesh.ZEN, nonce).hasRequestBody()).isTrue();
        assertThat(refusal(deliver(envoy, TestMesh.ZEN, nonce))).isEqualTo("zen_replayed");
        redisLossAndRecovery(operators, admin, envoy);
      }
      metricsAndLog(operators, admin, process);
      process.terminate();
      assertThat(process.exitStatus()).isZero();
      assertThat(socket).doesNotExist();
      everyLineIsJson(process.stderr());
    }
  }

  private static void awaitReady(HttpClient client, String admin) {
    eventually("/readyz", () -> get(client, admin, "/readyz"), reply -> reply.statusCode() == 200);
  }

  /** P08: 503 within the deadline, and back without a restart. */
  private static void redisLossAndRecovery(HttpClient client, String admin, EnvoySide envoy) {
    redis.stop();
    eventually("/readyz", () -> get(client, admin, "/readyz"), reply -> reply.statusCode() == 503);
    long asked = System.nanoTime();
    ProcessingResponse refused = deliver(envoy, TestMesh.ZEN, nonce());
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(1));
    assertThat(refusal(refused)).isEqualTo("zen_store_unavailable");
    assertThat(refused.getImmediateResponse().getStatus().getCodeValue()).isEqualTo(503);
    redis.restart();
    awaitReady(client, admin);
    assertThat(deliver(envoy, TestMesh.ZEN, nonce()).hasRequestBody()).isTrue();
  }

  private static void metricsAndLog(HttpClient client, String admin, ProcessorProcess process)
      throws Exception {
    String metrics = get(client, admin, "/metrics").body();
    assertThat(metrics)
        .contains("zen_requests_total{outcome=\"accepted\",reason=\"none\",scheme=\"zen\"} 2.0")
        .contains("zen_requests_total{outcome=\"refused\",reason=\"replayed\",scheme=\"zen\"} 1.0")
        .contains("zen_policy_generation");
    HttpClient anonymous = withoutCertificate();
    assertThat(get(anonymous, admin, "/healthz").statusCode()).isEqualTo(200);
    assertThat(get(anonymous, admin, "/readyz").statusCode()).isEqualTo(200);
    assertThat(get(anonymous, admin, "/metrics").statusCode()).isEqualTo(403);
    String log =
        eventually(
            "the log",
            () -> {
              try {
                return process.stderr();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            text -> text.contains("store_unavailable"));
    // P12: neither a secret nor what a sender wrote.
    for (String canary :
        List.of(RedisFixture.PASSWORD, "zenk1_", "whsec_", "order", "v1=", "github-test-secret")) {
      assertThat(log + metrics).doesNotContain(canary);
    }
  }

  /** P14: whatever is logged, a line stays a line. */
  private static void everyLineIsJson(String log) {
    JsonMapper mapper = JsonMapper.builder().build();
    assertThat(log.lines()).isNotEmpty().allSatisfy(line -> mapper.readTree(line));
  }

  @Test
  void wrongUsage_exits2WithOneLine() throws Exception {
    List<String> plaintext = arguments(directory.resolve("x.sock"));
    plaintext.replaceAll(argument -> argument.replace("rediss://", "redis://"));
    assertFails(plaintext, 2, "zen-extproc: --redis: no TLS (expected: rediss://HOST:PORT");
    List<String> noIdentity = arguments(directory.resolve("x.sock"));
    noIdentity.replaceAll(
        argument -> argument.startsWith("--identity=") ? "--identity=/nowhere" : argument);
    assertFails(noIdentity, 2, "zen-extproc: --identity: /nowhere/svid.pem (expected: a readable");
    List<String> longSocket = arguments(directory.resolve("x".repeat(100)));
    assertFails(longSocket, 2, "zen-extproc: socket: ");
  }

  @Test
  void F11_evictingRedis_exits1WithOneLine(@TempDir Path other) throws Exception {
    try (RedisFixture evicting = RedisFixture.start(other, "allkeys-lru")) {
      List<String> arguments = arguments(directory.resolve("y.sock"));
      arguments.replaceAll(argument ->
          argument.startsWith("--redis=") ? "--redis=rediss://" + evicting.address() : argument);
      arguments.replaceAll(argument ->
          argument.startsWith("--identity=")
              ? "--identity=" + evicting.client().directory()
              : argument);
      assertFails(arguments, 1, "maxmemory-policy: allkeys-lru (expected: noeviction");
    }
  }

  /** A catalogue without scheme zen is what a broken build looks like. */
  @Test
  void failedSelfTest_exits1WithOneLine(@TempDir Path broken) throws Exception {
    Path catalogue = broken.resolve("io/zenmesh/extproc/signature/catalogue");
    Files.createDirectories(catalogue);
    Files.writeString(catalogue.resolve("INDEX"), "github\n");
    // The one scheme of a catalogue that is not ours: it is read on first use only.
    Files.writeString(catalogue.resolveSibling("catalogue.compact"), "{\n}\n");
    Path socket = directory.resolve("z.sock");
    assertFails(
        ProcessorProcess.startWith(broken, directory, arguments(socket)),
        1,
        "zen-extproc: self-test: no scheme zen (expected: in the bundled catalogue)");
    assertThat(socket).doesNotExist();
  }

  private static void assertFails(List<String> arguments, int status, String text)
      throws Exception {
    assertFails(ProcessorProcess.start(directory, arguments), status, text);
  }

  private static void assertFails(ProcessorProcess started, int status, String text)
      throws Exception {
    try (ProcessorProcess process = started) {
      assertThat(process.exitStatus()).as(process.stderr()).isEqualTo(status);
      List<String> plain = process.stderr().lines().filter(line -> !line.startsWith("{")).toList();
      assertThat(plain).hasSize(1);
      assertThat(plain.getFirst()).contains(text);
    }
  }
}
