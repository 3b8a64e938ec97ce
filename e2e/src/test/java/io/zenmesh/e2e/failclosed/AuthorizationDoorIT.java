package io.zenmesh.e2e.failclosed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.RawHttp2;
import io.zenmesh.e2e.check.ReceivedRequest;
import io.zenmesh.e2e.check.WireClient;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.fixture.InProcessProcessor;
import io.zenmesh.e2e.fixture.StaticEnvoys;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.extproc.keys.Reach;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.xds.resource.AuthorizationDoor;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The product's processor behind a real Envoy that asks through ext_authz. */
class AuthorizationDoorIT {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int LIMIT = 64 * 1024;
  private static final String ZEN_KEY = "zenk1_Hlkf4MPB3OM63Y5Y20BcIU2lLA-ti5CMZikUS3Dt3R8";
  private static final String GITHUB_SECRET = "github-test-secret";

  @TempDir static Path directory;
  private static StaticEnvoys envoys;
  private static InProcessProcessor processor;

  @BeforeAll
  static void start() throws IOException {
    envoys =
        StaticEnvoys.start(
            directory.resolve("mesh"), AuthorizationDoorIT::door, Guards::egressOpened);
    processor = new InProcessProcessor(envoys.processorSocket(), Reach.internet());
  }

  @AfterAll
  static void stop() throws IOException {
    processor.close();
    envoys.close();
  }

  @BeforeEach
  void verifyZen() {
    processor.verifies(StaticEnvoys.ENDPOINT, "zen", LIMIT, ZEN_KEY);
  }

  private static NodeSnapshot door(NodeSnapshot ingress) {
    try (ContentVersion versions =
        new ContentVersion(
            SecretBytes.copyOf(
                "a key of a test, 32 bytes long..".getBytes(StandardCharsets.US_ASCII)))) {
      return AuthorizationDoor.of(ingress, versions);
    }
  }

  private static Scheme scheme(String name) {
    return Catalogue.bundled().find(name).orElseThrow();
  }

  private static WireRequest signed(String scheme, String secret, ByteString body) {
    List<Field> headers =
        SchemeSigner.sign(
                scheme(scheme),
                SecretBytes.takeOver(secret.getBytes(StandardCharsets.US_ASCII)),
                new SchemeSigner.Message(
                    "POST", StaticEnvoys.HOST, StaticEnvoys.PATH, body.asReadOnlyByteBuffer()),
                new SchemeSigner.Delivery(
                    Clock.systemUTC().instant(), UUID.randomUUID().toString()))
            .entrySet()
            .stream()
            .map(header -> new Field(header.getKey(), header.getValue()))
            .toList();
    return WireRequest.post(StaticEnvoys.HOST, StaticEnvoys.PATH, body, headers);
  }

  private static WireRequest zen(String body) {
    return signed("zen", ZEN_KEY, ByteString.copyFromUtf8(body));
  }

  private static Outcome send(StaticEnvoys to, Protocol protocol, WireRequest request)
      throws IOException {
    try (WireClient client =
        protocol == Protocol.HTTP_1
            ? new RawHttp1(to.tls(), PATIENCE)
            : new RawHttp2(to.tls(), PATIENCE)) {
      return client.send(to.port(), StaticEnvoys.HOST, request);
    }
  }

  private static Outcome send(Protocol protocol, WireRequest request) throws IOException {
    return send(envoys, protocol, request);
  }

  private static void refused(Protocol protocol, WireRequest request, int status, String code)
      throws IOException {
    long before = envoys.target().arrivals().total();
    Outcome outcome = send(protocol, request);
    assertThat(outcome.status()).as("%s", outcome).hasValue(status);
    assertThat(outcome.problemCode()).as("%s", outcome).hasValue(code);
    assertThat(envoys.target().arrivals().total()).as("at the target").isEqualTo(before);
  }

  private static ReceivedRequest accepted(Protocol protocol, WireRequest request)
      throws IOException {
    long before = envoys.target().arrivals().total();
    Outcome outcome = send(protocol, request);
    assertThat(outcome.status()).as("%s", outcome).hasValue(200);
    assertThat(envoys.target().arrivals().after(before)).hasSize(1);
    return envoys.target().arrivals().after(before).getFirst();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void correctRequest_arrivesOnce_taggedAndByteEqual(Protocol protocol) throws IOException {
    ReceivedRequest arrived = accepted(protocol, zen("{\"order\":1}"));
    assertThat(arrived.body().toStringUtf8()).isEqualTo("{\"order\":1}");
    assertThat(arrived.header("x-zen-tenant")).containsExactly("acme");
    assertThat(arrived.header("x-zen-endpoint")).containsExactly("zen");
    assertThat(arrived.header("x-zen-verified")).containsExactly("true");
    assertThat(arrived.header("x-zen-event-id")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void chunkedBody_andNoBody_areVerified(Protocol protocol) throws IOException {
    assertThat(
            accepted(protocol, zen("{\"order\":2}").framed(Framing.CHUNKED, List.of()))
                .body()
                .toStringUtf8())
        .isEqualTo("{\"order\":2}");
    accepted(protocol, zen("").framed(Framing.NONE, List.of()));
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void forgedBody_isRefused(Protocol protocol) throws IOException {
    WireRequest request = zen("{\"order\":1}").withBody(ByteString.copyFromUtf8("{\"order\":2}"));
    refused(protocol, request, 401, "signature_invalid");
    refused(protocol, zen("{}").without("X-Zen-Signature"), 401, "signature_invalid");
  }

  /** Envoy does not ask about what has no route, so the gate answers. */
  @ParameterizedTest
  @EnumSource(Protocol.class)
  void E07_requestWithoutRoute_isRefusedByTheGate(Protocol protocol) throws IOException {
    long before = envoys.target().arrivals().total();
    Outcome outcome = send(protocol, zen("{}").to(StaticEnvoys.HOST, "/acme/other"));
    assertThat(outcome.status()).as("%s", outcome).hasValue(403);
    assertThat(envoys.target().arrivals().total()).as("at the target").isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void P05_replay_isRefused(Protocol protocol) throws IOException {
    WireRequest request = zen("{\"order\":1}");
    accepted(protocol, request);
    refused(protocol, request, 409, "replayed");
    processor.verifies(StaticEnvoys.ENDPOINT, "github", LIMIT, GITHUB_SECRET);
    WireRequest github =
        signed("github", GITHUB_SECRET, ByteString.copyFromUtf8("{\"a\":\"" + protocol + "\"}"));
    accepted(protocol, github);
    refused(protocol, github, 409, "replayed");
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void E09_bodyTooLarge_isRefused_byUsAndByEnvoysBuffer(Protocol protocol) throws IOException {
    accepted(protocol, zen("x".repeat(LIMIT)));
    refused(protocol, zen("x".repeat(LIMIT + 1)), 413, "body_too_large");
    refused(
        protocol,
        zen("x".repeat(LIMIT + 1)).framed(Framing.CHUNKED, List.of()),
        413,
        "body_too_large");
    long before = envoys.target().arrivals().total();
    Outcome outcome = send(protocol, zen("x".repeat(5 * 1024 * 1024)));
    assertThat(outcome.status()).as("%s", outcome).isNotEqualTo(Optional.of(200));
    assertThat(envoys.target().arrivals().total()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void signedQuestion_isAnsweredHere_andNeverForwarded(Protocol protocol) throws IOException {
    processor.verifies(StaticEnvoys.ENDPOINT, "slack", LIMIT, "slack-test-secret");
    WireRequest question =
        signed(
            "slack",
            "slack-test-secret",
            ByteString.copyFromUtf8("{\"type\":\"url_verification\",\"challenge\":\"abc123\"}"));
    long before = envoys.target().arrivals().total();
    Outcome outcome = send(protocol, question);
    assertThat(outcome.status()).as("%s", outcome).hasValue(200);
    assertThat(((Outcome.Answered) outcome).body().toStringUtf8()).contains("abc123");
    assertThat(envoys.target().arrivals().total()).as("at the target").isEqualTo(before);
    refused(
        protocol,
        question.withBody(
            ByteString.copyFromUtf8("{\"type\":\"url_verification\",\"challenge\":\"abc124\"}")),
        401,
        "signature_invalid");
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void E01_signatureTwice_isRefused(Protocol protocol) throws IOException {
    WireRequest request = zen("{}");
    String signature = Field.values(request.headers(), "X-Zen-Signature").getFirst();
    refused(protocol, request.plus("X-Zen-Signature", signature), 400, "header_duplicated");
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void E05_spoofedResultHeaders_areOurs(Protocol protocol) throws IOException {
    ReceivedRequest arrived =
        accepted(
            protocol,
            zen("{}")
                .plus("x-zen-tenant", "globex")
                .plus("x-zen-tenant", "globex")
                .plus("x-zen-verdict", "verified")
                .plus("x-envoy-auth-partial-body", "true"));
    assertThat(arrived.header("x-zen-tenant")).containsExactly("acme");
    assertThat(arrived.header("x-zen-verdict")).isEmpty();
  }

  @Test
  void E04_headersAndTrailersWithoutData_areVerifiedAsAnEmptyBody() throws IOException {
    List<Field> trailers = List.of(new Field("x-zen-tenant", "globex"));
    refused(
        Protocol.HTTP_2,
        zen("{}").withBody(ByteString.EMPTY).framed(Framing.NONE, trailers),
        401,
        "signature_invalid");
  }

  @Test
  void E03_upgrade_isRefused() throws IOException {
    long before = envoys.target().arrivals().total();
    Outcome outcome =
        send(Protocol.HTTP_1, zen("").plus("Connection", "Upgrade").plus("Upgrade", "websocket"));
    assertThat(outcome.status()).as("%s", outcome).isIn(Optional.of(400), Optional.of(403));
    assertThat(envoys.target().arrivals().total()).isEqualTo(before);
  }

  @Test
  void E14_emptyAnswer_meansConsentToEnvoy_andTheGateRefuses(@TempDir Path other) throws Exception {
    try (StaticEnvoys gated =
            StaticEnvoys.start(
                other.resolve("a"), AuthorizationDoorIT::door, Guards::egressOpened);
        StaticEnvoys open =
            StaticEnvoys.start(
                other.resolve("b"),
                snapshot -> Guards.gateRemoved(door(snapshot)),
                Guards::egressOpened)) {
      // Nobody answers yet.
      for (Protocol protocol : Protocol.values()) {
        assertThat(send(gated, protocol, zen("{}")).status()).hasValue(503);
        assertThat(send(open, protocol, zen("{}")).status()).hasValue(503);
      }
      try (SilentConsent first = new SilentConsent(gated.processorSocket());
          SilentConsent second = new SilentConsent(open.processorSocket())) {
        for (Protocol protocol : Protocol.values()) {
          assertThat(answered(gated, protocol)).as("with the gate").isEqualTo(403);
          assertThat(answered(open, protocol)).as("without").isEqualTo(200);
        }
        assertThat(first.asked && second.asked).isTrue();
      }
      assertThat(gated.target().arrivals().total()).as("at the target").isZero();
      assertThat(open.target().arrivals().total()).as("at the target").isEqualTo(2);
    }
  }

  /** Until Envoy has connected it answers 503. */
  private static int answered(StaticEnvoys to, Protocol protocol) {
    return Eventually.get(
        "an answer",
        PATIENCE,
        () -> {
          int status = send(to, protocol, zen("{\"forged\":true}")).status().orElse(503);
          return status == 503 ? Found.instead("503") : Found.value(status);
        });
  }

  /** An ext_authz server that says nothing at all, which Envoy takes for consent. */
  private static final class SilentConsent extends AuthorizationGrpc.AuthorizationImplBase
      implements AutoCloseable {
    private final EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Server server;
    private volatile boolean asked;

    SilentConsent(Path socket) throws IOException {
      server =
          NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
              .channelType(EpollServerDomainSocketChannel.class)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .directExecutor()
              .addService(this)
              .build()
              .start();
    }

    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> envoy) {
      asked = true;
      envoy.onNext(CheckResponse.getDefaultInstance());
      envoy.onCompleted();
    }

    @Override
    public void close() throws InterruptedException {
      server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
    }
  }
}
