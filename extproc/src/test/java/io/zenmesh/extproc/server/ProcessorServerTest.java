package io.zenmesh.extproc.server;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.fixture.EnvoySide;
import io.zenmesh.extproc.fixture.EnvoySide.Exchange;
import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.replay.Claim;
import io.zenmesh.extproc.replay.ClaimResult;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.OnceResult;
import io.zenmesh.extproc.replay.ReplayGuard;
import io.zenmesh.extproc.replay.ReplayMessage;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.extproc.replay.StoreHealth;
import io.zenmesh.extproc.signature.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessorServerTest {
  private static final String GONE = " is no longer this process's, restart needed";

  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final String NONCE = "0123456789abcdef0123456789abcdef";

  private final Path directory;
  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final InMemoryReplayGuard guard =
      new InMemoryReplayGuard(clock, clock::nanoTime, ReplayObserver.NONE);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

  /** Room for one body of each tenant that announces no length, and half another. */
  private final BodyBudget bodies = new BodyBudget(TestMesh.MAX_BODY_BYTES * 3);

  private final AtomicInteger asked = new AtomicInteger();
  private volatile CompletableFuture<Void> delay = CompletableFuture.completedFuture(null);
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private volatile Supplier<Optional<PreparedPolicies>> policies = TestMesh.active()::current;
  private final Path socket;
  private final ProcessorServer server;
  private final EnvoySide envoy;

  ProcessorServerTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    clock.advance(Duration.ofDays(2));
    socket = directory.resolve("extproc.sock");
    server = newServer(socket);
    server.start();
    envoy = new EnvoySide(socket);
  }

  private ProcessorServer newServer(Path path) {
    Pipeline pipeline = new Pipeline(() -> policies.get(), () -> false, clock);
    return new ProcessorServer(
        Door.socket(path),
        loops,
        new ProcessorService(
            pipeline,
            new LateGuard(),
            new Hearing(),
            bodies,
            ChallengePorts.NONE,
            loops,
            new Receipts(ReceiptBook.NONE, clock),
            clock::nanoTime));
  }

  private final class Hearing implements TrafficObserver {
    @Override
    public void outcomeUnknown(PreparedEndpoint endpoint) {
      heard.add("outcome unknown " + endpoint.ref());
    }

    @Override
    public void letOn(PreparedEndpoint endpoint) {
      heard.add("let on " + endpoint.ref());
    }

    @Override
    public void refused(Reason reason, Optional<PreparedEndpoint> endpoint) {
      heard.add("refused " + reason);
    }

    @Override
    public void settled(boolean committed, boolean confirmed) {
      heard.add("settled " + committed + " " + confirmed);
    }

    @Override
    public void aborted() {
      heard.add("aborted");
    }
  }

  @AfterEach
  void stop() throws IOException {
    envoy.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private Map<String, String> signed(String endpoint, byte[] body) {
    return TestMesh.signed(endpoint, body, clock.instant(), NONCE);
  }

  private ProcessingResponse deliver(Exchange exchange, String endpoint) {
    assertThat(exchange.head(endpoint, signed(endpoint, BODY), false).answer())
        .isEqualTo(Answers.ASK_FOR_BODY);
    return exchange.body(BODY, true).answer();
  }

  private static Map<String, String> tags(HeaderMutation mutation) {
    Map<String, String> tags = new HashMap<>();
    for (HeaderValueOption option : mutation.getSetHeadersList()) {
      assertThat(option.getAppendAction()).isEqualTo(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
      tags.put(option.getHeader().getKey(), option.getHeader().getRawValue().toStringUtf8());
    }
    assertThat(tags).hasSize(mutation.getSetHeadersCount());
    return tags;
  }

  private static void assertRefused(ProcessingResponse answer, Reason reason) {
    ImmediateResponse refusal = answer.getImmediateResponse();
    assertThat(refusal.getDetails()).isEqualTo("zen_" + reason.code());
    assertThat(refusal.getStatus().getCodeValue()).isEqualTo(reason.status());
    assertThat(refusal.getBody().toStringUtf8().replaceFirst("[0-9a-f]{32}", "id"))
        .isEqualTo(Problem.body(reason, "id"));
    Map<String, String> headers = tags(refusal.getHeaders());
    assertThat(headers).containsEntry("content-type", "application/problem+json");
    assertThat(headers.containsKey("retry-after"))
        .isEqualTo(reason.status() == 503 || reason.status() == 429);
    assertThat(answer.hasDynamicMetadata()).isFalse();
  }

  @Test
  void signedMessage_isTaggedAndProvedInTheLastAnswerOnly() {
    Exchange exchange = envoy.open();
    ProcessingResponse first =
        exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertThat(first.hasDynamicMetadata()).isFalse();
    assertThat(first.getRequestHeaders().getResponse().hasHeaderMutation()).isFalse();
    ProcessingResponse last = exchange.body(BODY, true).answer();
    CommonResponse common = last.getRequestBody().getResponse();
    assertThat(common.getStatus()).isEqualTo(CommonResponse.ResponseStatus.CONTINUE);
    assertThat(tags(common.getHeaderMutation()))
        .containsEntry("x-zen-tenant", "acme")
        .containsEntry("x-zen-endpoint", "zen")
        .containsEntry("x-zen-verified", "true")
        .containsKey("x-zen-event-id")
        .hasSize(4);
    var gate =
        last.getDynamicMetadata().getFieldsOrThrow("zen.gate").getStructValue().getFieldsMap();
    assertThat(gate.keySet()).containsExactlyInAnyOrder("verified", "tenant", "endpoint");
    assertThat(gate)
        .containsEntry(
            "verified", com.google.protobuf.Value.newBuilder().setBoolValue(true).build());
    assertThat(heard).containsExactly("let on acme/zen");
  }

  @Test
  void emptyBody_isAnsweredInTheHeadPhase() {
    byte[] empty = new byte[0];
    ProcessingResponse answer =
        envoy.open().head(TestMesh.ZEN, signed(TestMesh.ZEN, empty), true).answer();
    assertThat(answer.hasRequestHeaders()).isTrue();
    assertThat(answer.hasDynamicMetadata()).isTrue();
  }

  @Test
  void E15_refusals_areConstantAndCollapseToOneForForgers() {
    Exchange changed = envoy.open();
    changed.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertRefused(changed.body("other".getBytes(UTF_8), true).answer(), Reason.SIGNATURE_MISMATCH);
    Exchange missing = envoy.open();
    missing.head(TestMesh.ZEN, Map.of(":method", "POST"), false).answer();
    assertRefused(missing.body(BODY, true).answer(), Reason.SIGNATURE_MISSING);
    assertThat(Problem.body(Reason.SIGNATURE_MISSING, "id"))
        .isEqualTo(Problem.body(Reason.SIGNATURE_MISMATCH, "id"))
        .isEqualTo(Problem.body(Reason.TIMESTAMP_TOO_OLD, "id"))
        .isEqualTo(
            "{\"type\":\"https://zenmesh.io/problems/signature_invalid\","
                + "\"title\":\"The request is not authentic\","
                + "\"status\":401,\"code\":\"signature_invalid\",\"correlationId\":\"id\"}");
  }

  @Test
  void E04_headersThenTrailers_areRefused() {
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, new byte[0]), false).answer();
    assertRefused(exchange.trailers().answer(), Reason.BODY_MALFORMED);
  }

  @Test
  void E04_bodyThenTrailers_areRefused() {
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertRefused(exchange.body(BODY, false).answer(), Reason.BODY_MALFORMED);
  }

  @Test
  void E09_bodyOverTheLimit_isRefusedInTheHeadPhaseAlready() {
    Map<String, String> headers = new LinkedHashMap<>(signed(TestMesh.ZEN, BODY));
    headers.put("content-length", Integer.toString(TestMesh.MAX_BODY_BYTES + 1));
    assertRefused(envoy.open().head(TestMesh.ZEN, headers, false).answer(), Reason.BODY_TOO_LARGE);
  }

  @Test
  void largestBody_fitsThroughTheSocket() {
    byte[] big = new byte[io.zenmesh.xds.model.EndpointPolicy.MAX_BODY_BYTES_CEILING];
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertRefused(exchange.body(big, true).answer(), Reason.BODY_TOO_LARGE);
  }

  @Test
  void E09_bodyThatFillsEnvoysBuffer_isRefusedNotCut() {
    byte[] full = new byte[io.zenmesh.xds.resource.Limits.INGRESS_BUFFER_BYTES];
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertRefused(exchange.body(full, true).answer(), Reason.BODY_TOO_LARGE);
  }

  @Test
  void P10_bodiesBeyondTheBudget_areRefusedBeforeTheyAreSent() {
    Exchange first = envoy.open();
    first.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertRefused(
        envoy.open().head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer(),
        Reason.RATE_LIMITED);
    Map<String, String> small = new LinkedHashMap<>(signed(TestMesh.STANDARD, BODY));
    small.put("content-length", Integer.toString(BODY.length));
    assertThat(envoy.open().head(TestMesh.STANDARD, small, false).answer())
        .isEqualTo(Answers.ASK_FOR_BODY);
    assertThat(bodies.inUse()).isEqualTo(TestMesh.MAX_BODY_BYTES + BODY.length);
    // Looked at is given back, whatever becomes of the request.
    first.body(BODY, true).answer();
    assertThat(bodies.inUse()).isEqualTo(BODY.length);
    assertThat(deliver(envoy.open(), TestMesh.GITHUB).hasRequestBody()).isTrue();
  }

  @Test
  void P10_bodyWithoutRoom_isAskedForOnceThereIs() {
    Exchange first = envoy.open();
    first.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    Exchange second = envoy.open();
    second.head(TestMesh.GITHUB, signed(TestMesh.GITHUB, BODY), false);
    eventually("queue", bodies::waiting, count -> count == 1);
    first.body(BODY, true).answer();
    assertThat(second.answer()).isEqualTo(Answers.ASK_FOR_BODY);
    assertThat(second.body(BODY, true).answer().hasRequestBody()).isTrue();
    assertThat(bodies.inUse()).isZero();
  }

  @Test
  void P10_streamResetWhileItWaits_leavesTheQueue() {
    Exchange first = envoy.open();
    first.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    Exchange second = envoy.open();
    second.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false);
    eventually("queue", bodies::waiting, count -> count == 1);
    second.reset();
    eventually("queue", bodies::waiting, count -> count == 0);
    first.reset();
    eventually("room", bodies::inUse, bytes -> bytes == 0);
  }

  @Test
  void P10_floodToOneTenant_leavesRoomToAnother() {
    Exchange flood = envoy.open();
    flood.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    assertThat(deliver(envoy.open(), TestMesh.FOREIGN).hasRequestBody()).isTrue();
  }

  @Test
  void P10_streamsThatEndWithoutABody_giveTheirRoomBack() {
    Exchange reset = envoy.open();
    reset.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    reset.reset();
    eventually("room", bodies::inUse, bytes -> bytes == 0);
    Exchange answered = envoy.open();
    answered.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    answered.response(408).answer();
    assertThat(bodies.inUse()).isZero();
  }

  @Test
  void unknownRoute_isRefusedBeforeTheBody() {
    assertRefused(
        envoy.open().head("acme/none", signed(TestMesh.ZEN, BODY), false).answer(),
        Reason.ENDPOINT_UNKNOWN);
    assertRefused(
        envoy.open().head("", signed(TestMesh.ZEN, BODY), false).answer(), Reason.ENDPOINT_UNKNOWN);
  }

  @Test
  void policyNotLoaded_isRefused() {
    policies = Optional::empty;
    assertRefused(
        envoy.open().head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer(),
        Reason.POLICY_NOT_LOADED);
  }

  @Test
  void P05_sameNonceTwice_isRefused() {
    assertThat(deliver(envoy.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
    assertRefused(deliver(envoy.open(), TestMesh.ZEN), Reason.REPLAYED);
  }

  @Test
  void twoPhase_commitsOnSuccessBeforeTheResponsePasses() {
    Exchange exchange = envoy.open();
    assertThat(deliver(exchange, TestMesh.STANDARD).hasRequestBody()).isTrue();
    assertRefused(deliver(envoy.open(), TestMesh.STANDARD), Reason.IN_FLIGHT);
    assertThat(exchange.response(202).answer()).isEqualTo(Answers.PASS_RESPONSE);
    assertThat(heard).contains("settled true true");
    assertRefused(deliver(envoy.open(), TestMesh.STANDARD), Reason.REPLAYED);
  }

  @Test
  void twoPhase_releasesOnFailure() {
    Exchange exchange = envoy.open();
    assertThat(deliver(exchange, TestMesh.STANDARD).hasRequestBody()).isTrue();
    assertThat(exchange.response(503).answer()).isEqualTo(Answers.PASS_RESPONSE);
    assertThat(heard).contains("settled false true");
    assertThat(deliver(envoy.open(), TestMesh.STANDARD).hasRequestBody()).isTrue();
  }

  @Test
  void twoPhase_streamResetWithoutOutcome_leavesTheClaim() {
    Exchange exchange = envoy.open();
    assertThat(deliver(exchange, TestMesh.STANDARD).hasRequestBody()).isTrue();
    exchange.reset();
    eventually("report", () -> heard, all -> all.contains("outcome unknown acme/standard"));
    assertRefused(deliver(envoy.open(), TestMesh.STANDARD), Reason.IN_FLIGHT);
    clock.advance(Duration.ofSeconds(60));
    assertThat(deliver(envoy.open(), TestMesh.STANDARD).hasRequestBody()).isTrue();
  }

  @Test
  void resetWhileTheGuardIsAsked_releasesTheClaimThatComesLate() {
    CompletableFuture<Void> storeAnswers = new CompletableFuture<>();
    delay = storeAnswers;
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.STANDARD, signed(TestMesh.STANDARD, BODY), false).answer();
    exchange.body(BODY, true);
    eventually("claim", asked::get, count -> count == 1);
    exchange.reset();
    // The server hears of the reset before it hears of this later stream.
    assertRefused(
        envoy.open().head("acme/none", signed(TestMesh.ZEN, BODY), false).answer(),
        Reason.ENDPOINT_UNKNOWN);
    storeAnswers.complete(null);
    eventually("report", () -> heard, all -> all.contains("settled false true"));
    assertThat(heard).noneMatch(line -> line.startsWith("outcome unknown"));
    assertThat(deliver(envoy.open(), TestMesh.STANDARD).hasRequestBody()).isTrue();
  }

  @Test
  void twoPhase_responseWithoutAStatus_isAnUnknownOutcome() {
    Exchange exchange = envoy.open();
    deliver(exchange, TestMesh.STANDARD);
    assertThat(exchange.response(7).answer()).isEqualTo(Answers.PASS_RESPONSE);
    assertThat(heard).contains("outcome unknown acme/standard");
  }

  @Test
  void F04_closeAfterAnAbort_isQuiet() {
    Exchange exchange = envoy.open();
    exchange.body(BODY, true);
    exchange.halfClose();
    assertThat(exchange.end().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(deliver(envoy.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
    assertThat(heard).containsExactly("aborted", "let on acme/zen");
  }

  /** Claims in the guard at once, and answers when the test says so. */
  private final class LateGuard implements ReplayGuard {
    @Override
    public CompletionStage<OnceResult> claimOnce(ReplayMessage message) {
      return guard.claimOnce(message);
    }

    @Override
    public CompletionStage<ClaimResult> claim(ReplayMessage message) {
      CompletionStage<ClaimResult> result = guard.claim(message);
      asked.incrementAndGet();
      return delay.thenCompose(unused -> result);
    }

    @Override
    public CompletionStage<Boolean> commit(Claim claim) {
      return guard.commit(claim);
    }

    @Override
    public CompletionStage<Boolean> release(Claim claim) {
      return guard.release(claim);
    }

    @Override
    public StoreHealth health() {
      return guard.health();
    }

    @Override
    public void close() {
      guard.close();
    }
  }

  @Test
  void acknowledgedDuplicate_is200() {
    Exchange exchange = envoy.open();
    deliver(exchange, TestMesh.ACKNOWLEDGING);
    exchange.response(200).answer();
    ProcessingResponse answer = deliver(envoy.open(), TestMesh.ACKNOWLEDGING);
    assertThat(answer).isEqualTo(Answers.ACKNOWLEDGED);
    assertThat(answer.hasDynamicMetadata()).isFalse();
  }

  @Test
  void envoysOwnReplyAsFirstMessage_passes() {
    assertThat(envoy.open().response(400).answer()).isEqualTo(Answers.PASS_RESPONSE);
    assertThat(heard).isEmpty();
  }

  @Test
  void F04_messageOutOfOrder_endsInAnErrorNotCleanly() {
    assertAborted(envoy.open().body(BODY, true));
    assertAborted(envoy.open().trailers());
    assertAborted(envoy.open().send(ProcessingRequest.getDefaultInstance()));
  }

  @Test
  void F04_envoyFinishingBeforeTheVerdict_getsAnErrorNotAnOk() {
    Exchange exchange = envoy.open();
    exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
    exchange.halfClose();
    assertThat(exchange.end().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  private static void assertAborted(Exchange exchange) {
    assertThat(exchange.end().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  @Test
  void failureOfOurOwn_isAnErrorOfConstantTextAndNeverAnOk() {
    policies =
        () -> {
          throw new IllegalStateException("canary in a message");
        };
    Status status = envoy.open().head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).end();
    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).isEqualTo("internal error");
    assertThat(heard).containsExactly("aborted");
  }

  @Test
  void halfCloseAfterTheVerdict_endsCleanly() {
    Exchange exchange = envoy.open();
    deliver(exchange, TestMesh.ZEN);
    exchange.halfClose();
    assertThat(exchange.end()).isEqualTo(Status.OK);
  }

  @Test
  void resetMidBody_leavesTheServerServing() {
    for (int i = 0; i < 50; i++) {
      Exchange exchange = envoy.open();
      exchange.head(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), false).answer();
      exchange.reset();
    }
    assertThat(deliver(envoy.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
  }

  @Test
  void socket_hasItsModeAndReplacesAStaleFile() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
    Path stale = directory.resolve("stale.sock");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(stale));
    }
    assertThat(stale).exists();
    ProcessorServer second = newServer(stale);
    second.start();
    try (EnvoySide other = new EnvoySide(stale)) {
      assertThat(deliver(other.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
    }
    second.close();
    assertThat(stale).doesNotExist();
  }

  @Test
  void close_leavesTheSocketOfASuccessor() throws IOException {
    Files.delete(socket);
    assertThat(server.doorProblem()).contains("socket " + socket + GONE);
    ProcessorServer successor = newServer(socket);
    successor.start();
    assertThat(server.doorProblem()).contains("socket " + socket + GONE);
    assertThat(successor.doorProblem()).isEmpty();
    server.close();
    assertThat(socket).exists();
    try (EnvoySide fresh = new EnvoySide(socket)) {
      assertThat(deliver(fresh.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
    }
    successor.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void socketOnWhichAProcessAnswers_isNotTaken() throws IOException {
    ProcessorServer second = newServer(socket);
    assertThatThrownBy(second::start)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "socket "
                + socket
                + ": another process answers there (expected: each processor its own path)");
    second.close();
    assertThat(server.doorProblem()).isEmpty();
    try (EnvoySide fresh = new EnvoySide(socket)) {
      assertThat(deliver(fresh.open(), TestMesh.ZEN).hasRequestBody()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".new"})
  void whatIsNoSocket_isNeitherReplacedNorRemoved(String suffix) throws IOException {
    Path file = directory.resolve("precious.sock" + suffix);
    Files.writeString(file, "precious");
    ProcessorServer second = newServer(directory.resolve("precious.sock"));
    assertThatThrownBy(second::start)
        .hasMessage(
            "socket " + file + ": there is something else (expected: nothing, or a stale socket)");
    second.close();
    assertThat(file).hasContent("precious");
  }

  @Test
  void F02_drain_letsOpenRequestsEnd() throws Exception {
    Exchange exchange = envoy.open();
    deliver(exchange, TestMesh.STANDARD);
    Thread draining =
        Thread.ofVirtual()
            .start(() -> {
              try {
                server.drain(Duration.ofSeconds(10));
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    eventually("socket file", () -> Files.exists(socket), there -> !there);
    assertThat(exchange.response(200).answer()).isEqualTo(Answers.PASS_RESPONSE);
    exchange.halfClose();
    assertThat(exchange.end()).isEqualTo(Status.OK);
    assertThat(draining.join(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void grpcHealth_followsReadiness() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(envoy.channel());
    HealthCheckRequest all = HealthCheckRequest.getDefaultInstance();
    assertThat(health.check(all).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    server.serving(true);
    assertThat(health.check(all).getStatus()).isEqualTo(ServingStatus.SERVING);
  }
}
