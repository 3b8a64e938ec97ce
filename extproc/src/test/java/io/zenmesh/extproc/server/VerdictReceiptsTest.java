package io.zenmesh.extproc.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.fixture.EnvoySide;
import io.zenmesh.extproc.fixture.EnvoySide.Exchange;
import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each verdict and its receipt, through the real socket. */
class VerdictReceiptsTest {
  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final String REQUEST_ID = "0b0f5c0e-3a51-4a0e-8f0e-2f8f9a1b2c3d";

  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ActivePolicies policies = TestMesh.active();
  private final Book book = new Book();
  private final ProcessorServer server;
  private final EnvoySide envoy;

  /** Keeps receipts as long as the test likes. */
  private static final class Book implements ReceiptBook {
    private final List<Receipt> kept = new CopyOnWriteArrayList<>();
    private volatile boolean room = true;
    private volatile boolean keeping = true;

    @Override
    public boolean room() {
      return room;
    }

    @Override
    public boolean add(Receipt receipt, Need need) {
      return keeping && (room || need == Need.OWED) && kept.add(receipt);
    }
  }

  VerdictReceiptsTest(@TempDir Path directory) throws IOException {
    InMemoryReplayGuard guard =
        new InMemoryReplayGuard(clock, clock::nanoTime, ReplayObserver.NONE);
    clock.advance(Duration.ofDays(2));
    Path socket = directory.resolve("extproc.sock");
    server =
        new ProcessorServer(
            Door.socket(socket),
            loops,
            new Pipeline(policies::current, book::room, clock),
            guard,
            TrafficObserver.NONE,
            ChallengePorts.NONE,
            book,
            clock,
            clock::nanoTime);
    server.start();
    envoy = new EnvoySide(socket);
  }

  @AfterEach
  void stop() throws IOException {
    envoy.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void onReceiptLoss(OnReceiptLoss onReceiptLoss) {
    Map<EndpointRef, EndpointPolicy> changed = new HashMap<>(TestMesh.policies().policies());
    changed.replaceAll((ref, policy) ->
        new EndpointPolicy(
            ref,
            policy.scheme(),
            policy.tolerance(),
            policy.maxBodyBytes(),
            policy.publicUrl(),
            policy.onDuplicate(),
            policy.onStoreLoss(),
            onReceiptLoss,
            policy.enforce(),
            policy.settings(),
            policy.client()));
    assertThat(policies.apply(new PolicySet(changed, TestMesh.policies().keys()))).isEmpty();
  }

  private Exchange head(String endpoint, String nonce, Map<String, String> more) {
    Map<String, String> headers =
        new LinkedHashMap<>(TestMesh.signed(endpoint, BODY, clock.instant(), nonce));
    headers.put("x-request-id", REQUEST_ID);
    headers.putAll(more);
    return envoy.open().head(endpoint, headers, false);
  }

  private static Exchange asked(Exchange exchange) {
    assertThat(exchange.answer()).isEqualTo(Answers.ASK_FOR_BODY);
    return exchange;
  }

  private static String nonce(int number) {
    return "0123456789abcdef0123456789abcde" + number;
  }

  private ProcessingResponse deliver(String endpoint, String nonce, Map<String, String> more) {
    return asked(head(endpoint, nonce, more)).body(BODY, true).answer();
  }

  private Receipt only() {
    assertThat(book.kept).hasSize(1);
    return book.kept.getFirst();
  }

  @Test
  void acceptance_hasAReceiptUnderTheRequestsId() {
    ProcessingResponse answer = deliver(TestMesh.ZEN, nonce(1), Map.of());
    Receipt receipt = only();
    assertThat(receipt.ref()).isEqualTo(EndpointRef.parse(TestMesh.ZEN));
    assertThat(receipt.outcome()).isEqualTo(Outcome.ACCEPTED);
    assertThat(receipt.reason()).isEmpty();
    assertThat(receipt.correlation()).isEqualTo(REQUEST_ID);
    assertThat(Instant.EPOCH.plusNanos(receipt.timeMicros() * 1_000)).isEqualTo(clock.instant());
    assertThat(answer.toString()).contains(receipt.eventId());
  }

  @Test
  void refusal_andItsAnswer_haveTheRequestsId() {
    ProcessingResponse answer =
        asked(head(TestMesh.ZEN, nonce(1), Map.of())).body("other".getBytes(UTF_8), true).answer();
    Receipt receipt = only();
    assertThat(receipt.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(receipt.reason()).isEqualTo("signature_mismatch");
    assertThat(receipt.correlation()).isEqualTo(REQUEST_ID);
    assertThat(receipt.eventId()).isEmpty();
    assertThat(answer.getImmediateResponse().getBody().toStringUtf8())
        .contains("\"code\":\"signature_invalid\",\"correlationId\":\"" + REQUEST_ID + "\"}");
  }

  @Test
  void unknownEndpoint_hasNoReceipt_andTheAnswerOfEnvoyItself() {
    ProcessingResponse answer =
        envoy.open().head("acme/nowhere", Map.of("x-request-id", REQUEST_ID), true).answer();
    assertThat(answer.getImmediateResponse().getBody().toStringUtf8())
        .endsWith("\"status\":404,\"code\":\"endpoint_unknown\"}");
    assertThat(book.kept).isEmpty();
  }

  @Test
  void idThatIsNone_isReplacedByTheTraces_orAFreshOne() {
    deliver(
        TestMesh.ZEN,
        nonce(1),
        Map.of(
            "x-request-id", "no good \u0001 id",
            "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    deliver(TestMesh.ZEN, nonce(2), Map.of("x-request-id", "x".repeat(129)));
    assertThat(book.kept.get(0).correlation()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(book.kept.get(1).correlation()).matches("[0-9a-f]{32}");
  }

  @Test
  void A13_noRoom_whereTheEndpointAccepts_isLetOnWithoutReceipt() {
    onReceiptLoss(OnReceiptLoss.ACCEPT);
    book.room = false;
    assertThat(deliver(TestMesh.ZEN, nonce(1), Map.of()).hasDynamicMetadata()).isTrue();
    assertThat(book.kept).isEmpty();
  }

  @Test
  void A13_noRoom_whereTheEndpointRefuses_is503_andItsMessagePassesLater() {
    onReceiptLoss(OnReceiptLoss.REFUSE);
    book.room = false;
    ProcessingResponse refused = head(TestMesh.ZEN, nonce(1), Map.of()).answer();
    assertThat(refused.getImmediateResponse().getStatus().getCodeValue()).isEqualTo(503);
    assertThat(refused.getImmediateResponse().getBody().toStringUtf8())
        .contains("\"code\":\"receipt_unavailable\"");
    book.room = true;
    assertThat(deliver(TestMesh.ZEN, nonce(1), Map.of()).hasDynamicMetadata()).isTrue();
  }

  @Test
  void A13_roomThatEndsUnderWay_keepsTheReceiptThatIsOwed() {
    onReceiptLoss(OnReceiptLoss.REFUSE);
    Exchange exchange = asked(head(TestMesh.ZEN, nonce(1), Map.of()));
    book.room = false;
    assertThat(exchange.body(BODY, true).answer().hasDynamicMetadata()).isTrue();
    assertThat(only().outcome()).isEqualTo(Outcome.ACCEPTED);
  }

  @Test
  void A13_receiptThatIsOwedAndNotKept_letsNothingOn() {
    onReceiptLoss(OnReceiptLoss.REFUSE);
    Exchange exchange = asked(head(TestMesh.ZEN, nonce(1), Map.of()));
    book.keeping = false;
    assertThat(exchange.body(BODY, true).end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }
}
