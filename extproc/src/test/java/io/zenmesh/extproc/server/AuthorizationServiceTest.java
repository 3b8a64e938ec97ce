package io.zenmesh.extproc.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.fixture.EnvoySide;
import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationServiceTest {
  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final String NONCE = "0123456789abcdef0123456789abcdef";

  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final InMemoryReplayGuard guard =
      new InMemoryReplayGuard(clock, clock::nanoTime, ReplayObserver.NONE);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BodyBudget bodies = new BodyBudget(TestMesh.MAX_BODY_BYTES * 3);
  private final ProcessorServer server;
  private final EnvoySide envoy;

  AuthorizationServiceTest(@TempDir Path directory) throws IOException {
    clock.advance(Duration.ofDays(2));
    Path socket = directory.resolve("extproc.sock");
    server =
        new ProcessorServer(
            Door.socket(socket),
            loops,
            new ProcessorService(
                new Pipeline(TestMesh.active()::current, () -> false, clock),
                guard,
                TrafficObserver.NONE,
                bodies,
                ChallengePorts.NONE,
                loops,
                new Receipts(ReceiptBook.NONE, clock),
                clock::nanoTime));
    server.start();
    envoy = new EnvoySide(socket);
  }

  @AfterEach
  void stop() throws IOException {
    envoy.close();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** A question as Envoy asks it. */
  private CheckRequest.Builder question(String endpoint, Map<String, String> headers, byte[] body) {
    HeaderMap.Builder map = HeaderMap.newBuilder();
    headers.forEach((name, value) -> map.addHeaders(header(name, value)));
    if (body.length > 0) {
      map.addHeaders(header("x-envoy-auth-partial-body", "false"));
    }
    return CheckRequest.newBuilder()
        .setAttributes(
            AttributeContext.newBuilder()
                .putContextExtensions("zen.endpoint", endpoint)
                .setRequest(
                    AttributeContext.Request.newBuilder()
                        .setHttp(
                            AttributeContext.HttpRequest.newBuilder()
                                .setPath("/not/what/decides")
                                .setHeaderMap(map)
                                .setRawBody(ByteString.copyFrom(body)))));
  }

  private static HeaderValue header(String name, String value) {
    return HeaderValue.newBuilder()
        .setKey(name)
        .setRawValue(ByteString.copyFrom(value, StandardCharsets.ISO_8859_1))
        .build();
  }

  private Map<String, String> signed(String endpoint, byte[] body) {
    return new LinkedHashMap<>(TestMesh.signed(endpoint, body, clock.instant(), NONCE));
  }

  private CheckResponse ask(CheckRequest.Builder question) {
    return AuthorizationGrpc.newBlockingStub(envoy.channel())
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .check(question.build());
  }

  private CheckResponse ask(String endpoint, Map<String, String> headers, byte[] body) {
    return ask(question(endpoint, headers, body));
  }

  private static void denied(CheckResponse answer, int status, String code) {
    assertThat(answer.hasStatus()).isTrue();
    assertThat(answer.getStatus().getCode()).isEqualTo(Code.PERMISSION_DENIED_VALUE);
    assertThat(answer.hasOkResponse()).isFalse();
    assertThat(answer.getDynamicMetadata().getFieldsMap()).isEmpty();
    assertThat(answer.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(status);
    assertThat(answer.getDeniedResponse().getBody()).contains("\"code\":\"" + code + "\"");
    assertThat(values(answer.getDeniedResponse().getHeadersList()))
        .containsEntry("content-type", "application/problem+json");
    assertThat(values(answer.getDeniedResponse().getHeadersList()).containsKey("retry-after"))
        .isEqualTo(status == 503 || status == 429);
  }

  private static Map<String, String> values(List<HeaderValueOption> headers) {
    Map<String, String> values = new LinkedHashMap<>();
    headers.forEach(option -> {
      // ext_authz reads no raw value.
      assertThat(option.getHeader().getRawValue().isEmpty()).isTrue();
      values.put(option.getHeader().getKey(), option.getHeader().getValue());
    });
    return values;
  }

  @Test
  void verifiedRequest_isLetOn_taggedAndProved() {
    CheckResponse answer = ask(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY);
    assertThat(answer.hasStatus()).isTrue();
    assertThat(answer.getStatus().getCode()).isEqualTo(Code.OK_VALUE);
    assertThat(values(answer.getOkResponse().getHeadersList()))
        .containsEntry("x-zen-tenant", "acme")
        .containsEntry("x-zen-endpoint", "zen")
        .containsEntry("x-zen-verified", "true")
        .containsKey("x-zen-event-id");
    assertThat(
            answer
                .getDynamicMetadata()
                .getFieldsOrThrow("zen.gate")
                .getStructValue()
                .getFieldsOrThrow("verified")
                .getBoolValue())
        .isTrue();
    assertThat(bodies.inUse()).isZero();
  }

  @Test
  void E05_resultHeadersOfAClient_areRemoved_andItsSignatureIsNot() {
    Map<String, String> headers = signed(TestMesh.ZEN, BODY);
    headers.put("x-zen-tenant", "globex");
    headers.put("x-zen-verdict", "verified");
    headers.put("x-zen-anything", "1");
    headers.put("x_zen_tenant", "globex");
    CheckResponse answer = ask(TestMesh.ZEN, headers, BODY);
    assertThat(answer.getStatus().getCode()).isEqualTo(Code.OK_VALUE);
    // What is set is not removed: Envoy removes last.
    assertThat(answer.getOkResponse().getHeadersToRemoveList())
        .containsExactlyInAnyOrder("x-zen-verdict", "x-zen-anything", "x_zen_tenant");
    assertThat(values(answer.getOkResponse().getHeadersList()))
        .containsEntry("x-zen-tenant", "acme");
    assertThat(answer.getOkResponse().getHeadersList())
        .allSatisfy(option ->
            assertThat(option.getAppendAction())
                .isEqualTo(HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
  }

  @Test
  void forgedBody_isRefused() {
    byte[] forged = "{\"order\":2}".getBytes(UTF_8);
    denied(ask(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), forged), 401, "signature_invalid");
  }

  @ParameterizedTest
  @ValueSource(strings = {TestMesh.ZEN, TestMesh.GITHUB, TestMesh.STANDARD, TestMesh.ACKNOWLEDGING})
  void P05_sameMessageAgain_isRefused_whateverItsScheme(String endpoint) {
    CheckRequest.Builder question = question(endpoint, signed(endpoint, BODY), BODY);
    assertThat(ask(question).getStatus().getCode()).isEqualTo(Code.OK_VALUE);
    clock.advance(Duration.ofSeconds(90));
    denied(ask(question), 409, "replayed");
  }

  @Test
  void endpoint_isTheContextExtension_neverThePath() {
    denied(ask(TestMesh.FOREIGN, signed(TestMesh.ZEN, BODY), BODY), 401, "signature_invalid");
    denied(ask("acme/none", signed(TestMesh.ZEN, BODY), BODY), 404, "endpoint_unknown");
    CheckRequest.Builder silent = question(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY);
    silent.getAttributesBuilder().clearContextExtensions();
    denied(ask(silent), 404, "endpoint_unknown");
  }

  @Test
  void keylessEndpoint_isUnavailable() {
    denied(ask(TestMesh.KEYLESS, signed(TestMesh.ZEN, BODY), BODY), 503, "key_unavailable");
  }

  @Test
  void E01_headersThatAreNotRaw_areAnError() {
    unanswered(question -> {
      AttributeContext.HttpRequest.Builder http =
          question.getAttributesBuilder().getRequestBuilder().getHttpBuilder();
      http.clearHeaderMap().putAllHeaders(signed(TestMesh.ZEN, BODY));
    });
  }

  @Test
  void E08_bodyAsText_isAnError() {
    unanswered(question ->
        question
            .getAttributesBuilder()
            .getRequestBuilder()
            .getHttpBuilder()
            .clearRawBody()
            .setBody(new String(BODY, UTF_8)));
  }

  /** Whatever Envoy does on an error, it has no proof. */
  private void unanswered(Consumer<CheckRequest.Builder> change) {
    CheckRequest.Builder question = question(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY);
    change.accept(question);
    assertThatThrownBy(() -> ask(question))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }

  @ParameterizedTest
  @CsvSource({
    "upgrade, websocket",
    "upgrade, h2c",
    ":protocol, websocket",
    "content-length, 11",
    "content-length, 00",
    "transfer-encoding, chunked",
    "x-envoy-auth-partial-body, true",
  })
  void E03_emptyBodyThatMayNotBeAll_isRefused(String name, String value) {
    byte[] none = {};
    Map<String, String> headers = signed(TestMesh.ZEN, none);
    CheckRequest.Builder plain = question(TestMesh.ZEN, headers, none);
    headers.put(name, value);
    denied(ask(TestMesh.ZEN, headers, none), 400, "body_malformed");
    assertThat(ask(plain).getStatus().getCode()).as("without").isEqualTo(Code.OK_VALUE);
  }

  @Test
  void E03_connect_isRefused() {
    byte[] none = {};
    Map<String, String> headers = signed(TestMesh.ZEN, none);
    headers.put(":method", "CONNECT");
    denied(ask(TestMesh.ZEN, headers, none), 400, "body_malformed");
  }

  @Test
  void E09_partialBody_isRefused() {
    List<List<HeaderValue>> ways = new ArrayList<>();
    ways.add(List.of());
    ways.add(List.of(header("x-envoy-auth-partial-body", "true")));
    ways.add(
        List.of(
            header("x-envoy-auth-partial-body", "false"),
            header("x-envoy-auth-partial-body", "true")));
    for (List<HeaderValue> way : ways) {
      CheckRequest.Builder question = question(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY);
      HeaderMap.Builder map =
          question
              .getAttributesBuilder()
              .getRequestBuilder()
              .getHttpBuilder()
              .getHeaderMapBuilder();
      map.removeHeaders(map.getHeadersCount() - 1).addAllHeaders(way);
      denied(ask(question), 400, "body_malformed");
    }
  }

  @Test
  void E09_bodyOverTheEndpointsLimit_isRefused() {
    byte[] large = new byte[TestMesh.MAX_BODY_BYTES + 1];
    denied(ask(TestMesh.ZEN, signed(TestMesh.ZEN, large), large), 413, "body_too_large");
    byte[] most = new byte[TestMesh.MAX_BODY_BYTES];
    assertThat(ask(TestMesh.ZEN, signed(TestMesh.ZEN, most), most).getStatus().getCode())
        .isEqualTo(Code.OK_VALUE);
  }

  @Test
  void P10_noRoomForTheBody_isRefusedForNow() {
    BodyBudget.Ticket held = bodies.ask(new Name("acme"), TestMesh.MAX_BODY_BYTES, () -> {});
    assertThat(held.standing()).isEqualTo(BodyBudget.Standing.HELD);
    denied(ask(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY), 429, "rate_limited");
    held.close();
    assertThat(ask(TestMesh.ZEN, signed(TestMesh.ZEN, BODY), BODY).getStatus().getCode())
        .isEqualTo(Code.OK_VALUE);
    assertThat(bodies.inUse()).isZero();
  }
}
