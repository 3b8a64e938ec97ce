package io.zenmesh.extproc.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.pipeline.Event.BodyArrived;
import io.zenmesh.extproc.pipeline.Event.ClaimAnswered;
import io.zenmesh.extproc.pipeline.Event.HeadArrived;
import io.zenmesh.extproc.pipeline.Event.OnceAnswered;
import io.zenmesh.extproc.pipeline.Event.ResponseArrived;
import io.zenmesh.extproc.pipeline.Event.Signal;
import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.OnceResult;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.Limits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PipelineTest {
  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final String NONCE = "0123456789abcdef0123456789abcdef";

  private final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final InMemoryReplayGuard guard =
      new InMemoryReplayGuard(clock, clock::nanoTime, ReplayObserver.NONE);
  private final ActivePolicies policies = TestMesh.active();
  private boolean receiptRoom;
  private final Pipeline pipeline = new Pipeline(policies::current, () -> receiptRoom, clock);
  private State state = State.Plain.START;

  PipelineTest() {
    clock.advance(Duration.ofSeconds(60));
  }

  /** A head whose fields a test may multiply. */
  private record Head(
      Optional<String> routeName, List<Map.Entry<String, String>> fields, ClientCertificate client)
      implements ListedHead {
    Head(Optional<String> routeName, List<Map.Entry<String, String>> fields) {
      this(routeName, fields, ClientCertificate.NONE);
    }

    Head with(String name, String value) {
      List<Map.Entry<String, String>> more = new ArrayList<>(fields);
      more.add(Map.entry(name, value));
      return new Head(routeName, more, client);
    }

    Head from(ClientCertificate other) {
      return new Head(routeName, fields, other);
    }
  }

  private Head head(String endpoint, byte[] body) {
    return new Head(
        Optional.of(endpoint),
        List.copyOf(TestMesh.signed(endpoint, body, clock.instant(), NONCE).entrySet()));
  }

  private Effect send(Event event) {
    Transition transition = pipeline.step(state, event);
    state = transition.next();
    return transition.effect();
  }

  private Effect sendHead(Head head) {
    return send(new HeadArrived(head, false));
  }

  private Effect sendBody(byte[] body) {
    return send(new BodyArrived(ByteBuffer.wrap(body), true));
  }

  private static long bodyBytes(Effect effect) {
    assertThat(effect).isInstanceOf(Effect.AskForBody.class);
    return ((Effect.AskForBody) effect).bytes();
  }

  private static Reason reason(Effect effect) {
    assertThat(effect).isInstanceOf(Effect.Refuse.class);
    return ((Effect.Refuse) effect).reason();
  }

  /** Drives a request to where the guard has answered. */
  private Effect deliver(String endpoint, byte[] body) {
    state = State.Plain.START;
    assertThat(sendHead(head(endpoint, body))).isInstanceOf(Effect.AskForBody.class);
    return ask(sendBody(body));
  }

  private Effect ask(Effect effect) {
    return switch (effect) {
      case Effect.ClaimOnce(var message) ->
          send(new OnceAnswered(guard.claimOnce(message).toCompletableFuture().join()));
      case Effect.ClaimForOutcome(var message) ->
          send(new ClaimAnswered(guard.claim(message).toCompletableFuture().join()));
      default -> effect;
    };
  }

  private void settle(Effect effect) {
    switch (effect) {
      case Effect.Commit(var claim) -> guard.commit(claim).toCompletableFuture().join();
      case Effect.Release(var claim) -> guard.release(claim).toCompletableFuture().join();
      default -> throw new AssertionError(effect);
    }
    assertThat(send(Signal.SETTLED)).isEqualTo(Effect.Plain.PASS_RESPONSE);
  }

  @Test
  void signedMessage_ofEachScheme_isLetOnTagged() {
    for (String endpoint :
        List.of(TestMesh.ZEN, TestMesh.GITHUB, TestMesh.STANDARD, TestMesh.FOREIGN)) {
      clock.advance(Duration.ofDays(2));
      Effect effect = deliver(endpoint, (endpoint + clock.instant()).getBytes(UTF_8));
      assertThat(effect).isInstanceOf(Effect.LetOn.class);
      Effect.LetOn letOn = (Effect.LetOn) effect;
      assertThat(letOn.phase()).isEqualTo(Phase.BODY);
      assertThat(letOn.acceptance().endpoint().ref().routeName()).isEqualTo(endpoint);
    }
  }

  @Test
  void emptyBodyInTheHead_isVerifiedThere() {
    Effect effect = ask(send(new HeadArrived(head(TestMesh.ZEN, new byte[0]), true)));
    assertThat(effect).isInstanceOf(Effect.LetOn.class);
    assertThat(((Effect.LetOn) effect).phase()).isEqualTo(Phase.HEAD);
  }

  @Test
  void P01_emptyBodyUnsigned_isRefused() {
    Head unsigned =
        new Head(
            Optional.of(TestMesh.ZEN),
            List.of(Map.entry(":method", "POST"), Map.entry(":path", "/acme/zen")));
    assertThat(reason(send(new HeadArrived(unsigned, true)))).isEqualTo(Reason.SIGNATURE_MISSING);
  }

  @Test
  void P01_missingAndEmptySignature_areRefused() {
    Head bare =
        new Head(
            Optional.of(TestMesh.ZEN),
            List.of(
                Map.entry(":method", "POST"),
                Map.entry(":authority", "hooks.acme.test"),
                Map.entry(":path", "/acme/zen")));
    for (Head head : List.of(bare, bare.with("x-zen-signature", ""))) {
      state = State.Plain.START;
      sendHead(head);
      assertThat(reason(sendBody(BODY))).isEqualTo(Reason.SIGNATURE_MISSING);
    }
  }

  @Test
  void E01_duplicatedSignatureHeader_isRefused() {
    Head once = head(TestMesh.ZEN, BODY);
    String value = once.header("x-zen-signature").getFirst();
    for (String second : List.of(value, "", "t=1")) {
      state = State.Plain.START;
      sendHead(once.with("x-zen-signature", second));
      assertThat(reason(sendBody(BODY))).isEqualTo(Reason.HEADER_DUPLICATED);
    }
  }

  @Test
  void E01_duplicatedPseudoHeader_isRefused() {
    for (String name : List.of(":method", ":authority", ":path")) {
      state = State.Plain.START;
      Effect effect = sendHead(head(TestMesh.ZEN, BODY).with(name, "x"));
      assertThat(reason(effect)).as(name).isEqualTo(Reason.HEADER_DUPLICATED);
    }
  }

  @Test
  void changedBody_isRefused() {
    sendHead(head(TestMesh.ZEN, BODY));
    byte[] changed = BODY.clone();
    changed[0] ^= 1;
    assertThat(reason(sendBody(changed))).isEqualTo(Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void P02_anotherTenantsKey_isRefused() {
    Head foreign =
        new Head(
            Optional.of(TestMesh.ZEN),
            List.copyOf(
                TestMesh.signedFor(TestMesh.ZEN, TestMesh.FOREIGN, BODY, clock.instant(), NONCE)
                    .entrySet()));
    sendHead(foreign);
    assertThat(reason(sendBody(BODY))).isEqualTo(Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void P06_timestamp_isJudgedAtBothEdges() {
    for (long offset : List.of(-301L, -300L, 300L, 301L)) {
      clock.advance(Duration.ofHours(1));
      Instant at = clock.instant().plusSeconds(offset);
      state = State.Plain.START;
      sendHead(
          new Head(
              Optional.of(TestMesh.ZEN),
              List.copyOf(TestMesh.signed(TestMesh.ZEN, BODY, at, NONCE + "edge").entrySet())));
      Effect effect = sendBody(BODY);
      if (offset == -301) {
        assertThat(reason(effect)).isEqualTo(Reason.TIMESTAMP_TOO_OLD);
      } else if (offset == 301) {
        assertThat(reason(effect)).isEqualTo(Reason.TIMESTAMP_IN_FUTURE);
      } else {
        assertThat(effect).isInstanceOf(Effect.ClaimOnce.class);
      }
    }
  }

  @Test
  void E04_trailersWithoutBody_areRefused() {
    sendHead(head(TestMesh.ZEN, BODY));
    assertThat(reason(send(Signal.TRAILERS_ARRIVED))).isEqualTo(Reason.BODY_MALFORMED);
  }

  @Test
  void E04_bodyFollowedByTrailers_isRefusedBeforeAnyClaim() {
    sendHead(head(TestMesh.ZEN, BODY));
    Effect effect = send(new BodyArrived(ByteBuffer.wrap(BODY), false));
    assertThat(reason(effect)).isEqualTo(Reason.BODY_MALFORMED);
    assertThat(deliver(TestMesh.ZEN, BODY)).isInstanceOf(Effect.LetOn.class);
  }

  @Test
  void E09_body_isLimitedInHeadAndBody() {
    int limit = TestMesh.MAX_BODY_BYTES;
    for (int size : List.of(limit - 1, limit)) {
      byte[] body = new byte[size];
      body[0] = (byte) size;
      clock.advance(Duration.ofHours(1));
      state = State.Plain.START;
      sendHead(head(TestMesh.ZEN, body).with("content-length", Integer.toString(size)));
      assertThat(sendBody(body)).as("%s", size).isInstanceOf(Effect.ClaimOnce.class);
    }
    for (int size : List.of(limit + 1, 10 * limit)) {
      byte[] body = new byte[size];
      state = State.Plain.START;
      Head head = head(TestMesh.ZEN, body);
      assertThat(reason(sendHead(head.with("content-length", Integer.toString(size)))))
          .isEqualTo(Reason.BODY_TOO_LARGE);
      state = State.Plain.START;
      sendHead(head);
      assertThat(reason(sendBody(body))).isEqualTo(Reason.BODY_TOO_LARGE);
    }
  }

  @Test
  void headers_thatLeaveNoRoomForOurs_areRefusedBeforeAnyClaim() {
    Head most = head(TestMesh.ZEN, BODY);
    for (int i = most.fieldCount(); i < Limits.VERIFIABLE_HEADERS_COUNT; i++) {
      most = most.with("x-many", "1");
    }
    assertThat(sendHead(most)).isInstanceOf(Effect.AskForBody.class);
    state = State.Plain.START;
    assertThat(reason(sendHead(most.with("x-many", "1")))).isEqualTo(Reason.HEADERS_TOO_LARGE);
    Head head = head(TestMesh.ZEN, BODY);
    int left = Limits.VERIFIABLE_HEADERS_BYTES - (int) head.fieldBytes() - "x-long".length();
    state = State.Plain.START;
    assertThat(sendHead(head.with("x-long", "1".repeat(left))))
        .isInstanceOf(Effect.AskForBody.class);
    state = State.Plain.START;
    assertThat(reason(sendHead(head.with("x-long", "1".repeat(left + 1)))))
        .isEqualTo(Reason.HEADERS_TOO_LARGE);
  }

  @Test
  void E02_oddContentLength_isRefused() {
    Head head = head(TestMesh.ZEN, BODY);
    for (String length : List.of("", "-1", "+1", "1e3", "0x10", "9".repeat(19), "٣")) {
      state = State.Plain.START;
      assertThat(reason(sendHead(head.with("content-length", length))))
          .as(length)
          .isEqualTo(Reason.BODY_MALFORMED);
    }
    state = State.Plain.START;
    assertThat(reason(sendHead(head.with("content-length", "11").with("content-length", "11"))))
        .isEqualTo(Reason.HEADER_DUPLICATED);
  }

  @Test
  void P10_bodyIsAskedFor_withTheRoomItMayNeed() {
    Head head = head(TestMesh.ZEN, BODY);
    assertThat(bodyBytes(sendHead(head))).isEqualTo(TestMesh.MAX_BODY_BYTES);
    state = State.Plain.START;
    assertThat(bodyBytes(sendHead(head.with("content-length", "11")))).isEqualTo(11);
    assertThat(reason(send(Signal.NO_ROOM))).isEqualTo(Reason.RATE_LIMITED);
  }

  @Test
  void P10_unknownEndpoint_isRefusedBeforeTheBody() {
    Head known = head(TestMesh.ZEN, BODY);
    for (Optional<String> route :
        List.of(Optional.<String>empty(), Optional.of("acme/none"), Optional.of("ACME/zen"))) {
      state = State.Plain.START;
      assertThat(reason(sendHead(new Head(route, known.fields()))))
          .isEqualTo(Reason.ENDPOINT_UNKNOWN);
    }
  }

  @Test
  void endpoint_isTheRouteNotThePath() {
    sendHead(new Head(Optional.of(TestMesh.FOREIGN), head(TestMesh.ZEN, BODY).fields()));
    assertThat(reason(sendBody(BODY))).isEqualTo(Reason.SIGNATURE_MISMATCH);
  }

  @Test
  void policyNotLoaded_isRefused() {
    Pipeline empty = new Pipeline(Optional::empty, () -> receiptRoom, clock);
    Transition transition =
        empty.step(State.Plain.START, new HeadArrived(head(TestMesh.ZEN, BODY), false));
    assertThat(reason(transition.effect())).isEqualTo(Reason.POLICY_NOT_LOADED);
  }

  @Test
  void endpointWithoutKeys_isRefusedBeforeTheBody() {
    Head keyless = new Head(Optional.of(TestMesh.KEYLESS), head(TestMesh.ZEN, BODY).fields());
    assertThat(reason(sendHead(keyless))).isEqualTo(Reason.KEY_UNAVAILABLE);
  }

  @Test
  void P05_sameNonceTwice_isRefusedTheSecondTime() {
    assertThat(deliver(TestMesh.ZEN, BODY)).isInstanceOf(Effect.LetOn.class);
    assertThat(state).isEqualTo(State.Plain.LET_ON);
    assertThat(reason(deliver(TestMesh.ZEN, BODY))).isEqualTo(Reason.REPLAYED);
  }

  @Test
  void P05_toleranceRaisedLater_admitsNoRecordedMessageAgain() {
    setTolerance(Duration.ofSeconds(10));
    Head recorded = head(TestMesh.ZEN, BODY);
    sendHead(recorded);
    assertThat(ask(sendBody(BODY))).isInstanceOf(Effect.LetOn.class);
    // Beyond twice the old tolerance and a minute: a window made of it would have forgotten.
    clock.advance(Duration.ofSeconds(81));
    setTolerance(Duration.ofSeconds(600));
    state = State.Plain.START;
    sendHead(recorded);
    assertThat(reason(ask(sendBody(BODY)))).isEqualTo(Reason.REPLAYED);
  }

  @Test
  void X02_clientCertificateThatIsMissingOrOfAnother_isRefusedBeforeTheBody() {
    setClient(
        new ClientRequirement(
            Mtls.REQUIRED, List.of("spiffe://acme.test/sender"), List.of("sender.acme.test")));
    Head head = head(TestMesh.ZEN, BODY);
    for (ClientCertificate wrong :
        List.of(
            ClientCertificate.NONE,
            shown("", ""),
            shown("spiffe://acme.test/sender-too", "x.acme.test"),
            // A name of one kind in the place of the other.
            shown("sender.acme.test", "spiffe://acme.test/sender"))) {
      state = State.Plain.START;
      assertThat(reason(sendHead(head.from(wrong))))
          .as("%s", wrong)
          .isEqualTo(Reason.CLIENT_CERTIFICATE_REQUIRED);
    }
    for (ClientCertificate right :
        List.of(
            shown("spiffe://acme.test/sender", ""),
            shown("spiffe://acme.test/other", "sender.acme.test"))) {
      state = State.Plain.START;
      assertThat(sendHead(head.from(right))).isInstanceOf(Effect.AskForBody.class);
    }
  }

  @Test
  void clientCertificateThatMayBeMissing_isJudgedWhenShown() {
    setClient(
        new ClientRequirement(Mtls.OPTIONAL, List.of("spiffe://acme.test/sender"), List.of()));
    Head head = head(TestMesh.ZEN, BODY);
    assertThat(sendHead(head)).isInstanceOf(Effect.AskForBody.class);
    state = State.Plain.START;
    assertThat(reason(sendHead(head.from(shown("spiffe://acme.test/other", "")))))
        .isEqualTo(Reason.CLIENT_CERTIFICATE_REQUIRED);
  }

  @Test
  void clientCertificateOfAnyName_willDo_whereNoneIsStated() {
    setClient(new ClientRequirement(Mtls.REQUIRED, List.of(), List.of()));
    Head head = head(TestMesh.ZEN, BODY);
    assertThat(reason(sendHead(head))).isEqualTo(Reason.CLIENT_CERTIFICATE_REQUIRED);
    state = State.Plain.START;
    assertThat(sendHead(head.from(shown("", "")))).isInstanceOf(Effect.AskForBody.class);
  }

  private static ClientCertificate shown(String uri, String dns) {
    return new ClientCertificate(
        true,
        Optional.of(uri).filter(it -> !it.isEmpty()),
        Optional.of(dns).filter(it -> !it.isEmpty()));
  }

  private void setClient(ClientRequirement client) {
    Map<EndpointRef, EndpointPolicy> changed = new HashMap<>(TestMesh.policies().policies());
    changed.computeIfPresent(
        EndpointRef.parse(TestMesh.ZEN),
        (ref, policy) ->
            new EndpointPolicy(
                ref,
                policy.scheme(),
                policy.tolerance(),
                policy.maxBodyBytes(),
                policy.publicUrl(),
                policy.onDuplicate(),
                policy.onStoreLoss(),
                policy.enforce(),
                policy.settings(),
                client));
    assertThat(policies.apply(new PolicySet(changed, TestMesh.policies().keys()))).isEmpty();
  }

  private void setReceiptLoss(OnReceiptLoss onReceiptLoss) {
    Map<EndpointRef, EndpointPolicy> changed = new HashMap<>(TestMesh.policies().policies());
    changed.computeIfPresent(
        EndpointRef.parse(TestMesh.ZEN),
        (ref, policy) ->
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

  @Test
  void A13_noRoomForReceipts_isRefusedBeforeAnyClaim_whereTheEndpointSaysSo() {
    setReceiptLoss(OnReceiptLoss.REFUSE);
    assertThat(reason(sendHead(head(TestMesh.ZEN, BODY)))).isEqualTo(Reason.RECEIPT_UNAVAILABLE);
    state = State.Plain.START;
    receiptRoom = true;
    assertThat(deliver(TestMesh.ZEN, BODY)).isInstanceOf(Effect.LetOn.class);
  }

  @Test
  void A13_noRoomForReceipts_isAccepted_whereTheEndpointSaysSo() {
    setReceiptLoss(OnReceiptLoss.ACCEPT);
    assertThat(deliver(TestMesh.ZEN, BODY)).isInstanceOf(Effect.LetOn.class);
  }

  private void setTolerance(Duration tolerance) {
    Map<EndpointRef, EndpointPolicy> changed = new HashMap<>(TestMesh.policies().policies());
    changed.computeIfPresent(
        EndpointRef.parse(TestMesh.ZEN),
        (ref, policy) ->
            new EndpointPolicy(
                ref,
                policy.scheme(),
                Optional.of(tolerance),
                policy.maxBodyBytes(),
                policy.publicUrl(),
                policy.onDuplicate(),
                policy.onStoreLoss()));
    assertThat(policies.apply(new PolicySet(changed, TestMesh.policies().keys()))).isEmpty();
  }

  @Test
  void P05_duplicateWhileInFlight_thenCommitted_isRefused() {
    assertThat(deliver(TestMesh.STANDARD, BODY)).isInstanceOf(Effect.LetOn.class);
    State first = state;
    assertThat(reason(deliver(TestMesh.STANDARD, BODY))).isEqualTo(Reason.IN_FLIGHT);
    state = first;
    settle(send(new ResponseArrived(204)));
    assertThat(reason(deliver(TestMesh.STANDARD, BODY))).isEqualTo(Reason.REPLAYED);
  }

  @Test
  void failedDelivery_releasesTheClaim() {
    for (int status : List.of(400, 404, 500, 503)) {
      assertThat(deliver(TestMesh.STANDARD, BODY))
          .as("%s", status)
          .isInstanceOf(Effect.LetOn.class);
      Effect effect = send(new ResponseArrived(status));
      assertThat(effect).isInstanceOf(Effect.Release.class);
      settle(effect);
    }
    assertThat(deliver(TestMesh.STANDARD, BODY)).isInstanceOf(Effect.LetOn.class);
    for (int status : List.of(200, 302)) {
      assertThat(pipeline.step(state, new ResponseArrived(status)).effect())
          .isInstanceOf(Effect.Commit.class);
    }
  }

  @Test
  void streamOverWhileTheGuardIsAsked_releasesTheClaim() {
    sendHead(head(TestMesh.STANDARD, BODY));
    Effect asking = sendBody(BODY);
    State awaitingGuard = state;
    Claimed claimed = claim(asking);
    for (Event end : List.of(Signal.ENVOY_FINISHED, new ResponseArrived(408))) {
      state = awaitingGuard;
      send(end);
      assertThat(send(new ClaimAnswered(claimed))).isEqualTo(new Effect.Release(claimed.claim()));
      assertThat(state).isEqualTo(State.Plain.ENDED);
      assertThat(send(Signal.SETTLED)).isEqualTo(Effect.Plain.NOTHING);
    }
  }

  private Claimed claim(Effect asking) {
    return (Claimed)
        guard.claim(((Effect.ClaimForOutcome) asking).message()).toCompletableFuture().join();
  }

  @Test
  void acknowledgingEndpoint_answers200OnlyForACommittedMessage() {
    clock.advance(Duration.ofDays(2));
    assertThat(deliver(TestMesh.ACKNOWLEDGING, BODY)).isInstanceOf(Effect.LetOn.class);
    State first = state;
    assertThat(reason(deliver(TestMesh.ACKNOWLEDGING, BODY))).isEqualTo(Reason.IN_FLIGHT);
    state = first;
    settle(send(new ResponseArrived(200)));
    assertThat(deliver(TestMesh.ACKNOWLEDGING, BODY)).isInstanceOf(Effect.Acknowledge.class);
  }

  @Test
  void P08_storeUnavailable_isRefused() {
    sendHead(head(TestMesh.ZEN, BODY));
    sendBody(BODY);
    assertThat(reason(send(new OnceAnswered(OnceResult.UNAVAILABLE))))
        .isEqualTo(Reason.STORE_UNAVAILABLE);
    state = State.Plain.START;
    sendHead(head(TestMesh.STANDARD, BODY));
    sendBody(BODY);
    assertThat(reason(send(new ClaimAnswered(Denied.UNAVAILABLE))))
        .isEqualTo(Reason.STORE_UNAVAILABLE);
  }

  @Test
  void eventId_isTheSendersOnlyWhereSigned() {
    Effect.LetOn signed = (Effect.LetOn) deliver(TestMesh.STANDARD, BODY);
    assertThat(signed.acceptance().eventId()).isEqualTo(NONCE);
    clock.advance(Duration.ofDays(2));
    Effect.LetOn unsigned = (Effect.LetOn) deliver(TestMesh.GITHUB, BODY);
    assertThat(unsigned.acceptance().eventId())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  }

  @Test
  void envoysOwnReply_passesWheneverItComes() {
    State awaitingBody = pipelineState(s -> sendHead(head(TestMesh.ZEN, BODY)));
    State awaitingGuard =
        pipelineState(s -> {
          sendHead(head(TestMesh.ZEN, BODY));
          sendBody(BODY);
        });
    for (State at : List.of(State.Plain.START, State.Plain.LET_ON, awaitingBody, awaitingGuard)) {
      Transition transition = pipeline.step(at, new ResponseArrived(413));
      assertThat(transition.effect()).isEqualTo(Effect.Plain.PASS_RESPONSE);
      assertThat(transition.next()).isEqualTo(State.Plain.ENDED);
    }
  }

  private State pipelineState(java.util.function.Consumer<State> drive) {
    state = State.Plain.START;
    drive.accept(state);
    return state;
  }

  @Test
  void F04_cleanEndBeforeTheVerdict_isAborted() {
    State awaitingBody = pipelineState(s -> sendHead(head(TestMesh.ZEN, BODY)));
    sendBody(BODY);
    State awaitingGuard = state;
    for (State at : List.of(State.Plain.START, awaitingBody, awaitingGuard)) {
      assertThat(pipeline.step(at, Signal.ENVOY_FINISHED).effect())
          .isInstanceOf(Effect.Abort.class);
    }
    for (State at : List.of(State.Plain.LET_ON, State.Plain.SETTLING, State.Plain.ENDED)) {
      assertThat(pipeline.step(at, Signal.ENVOY_FINISHED).effect()).isEqualTo(Effect.Plain.FINISH);
    }
  }

  @Test
  void everyPairOfStateAndEvent_isDefinedAndNeverLetsOnWithoutTheGuard() {
    State awaitingBody = pipelineState(s -> sendHead(head(TestMesh.ZEN, BODY)));
    sendBody(BODY);
    State awaitingGuard = state;
    deliver(TestMesh.STANDARD, BODY);
    State owing = state;
    assertThat(owing).isInstanceOf(State.OwingOutcome.class);
    List<State> states = new ArrayList<>(List.of(State.Plain.values()));
    states.addAll(List.of(awaitingBody, awaitingGuard, owing));
    List<Event> events = new ArrayList<>(List.of(Signal.values()));
    events.add(new HeadArrived(head(TestMesh.ZEN, BODY), false));
    events.add(new HeadArrived(head(TestMesh.ZEN, new byte[0]), true));
    events.add(new BodyArrived(ByteBuffer.wrap(BODY), true));
    events.add(new BodyArrived(ByteBuffer.wrap(BODY), false));
    events.add(new ResponseArrived(200));
    events.add(new ResponseArrived(0));
    for (OnceResult result : OnceResult.values()) {
      events.add(new OnceAnswered(result));
    }
    for (Denied denied : Denied.values()) {
      events.add(new ClaimAnswered(denied));
    }
    events.add(new ClaimAnswered(new Claimed(((State.OwingOutcome) owing).claim())));
    events.addAll(List.of(new Event.SecretStored(true), new Event.SecretStored(false)));
    for (State at : states) {
      for (Event event : events) {
        Effect effect = pipeline.step(at, event).effect();
        boolean passedTheGuard =
            event.equals(new OnceAnswered(OnceResult.FRESH))
                || (event instanceof ClaimAnswered(var result) && result instanceof Claimed);
        assertThat(effect instanceof Effect.LetOn)
            .as("%s + %s", at, event)
            .isEqualTo(at.equals(awaitingGuard) && passedTheGuard);
        assertThat(effect).as("%s + %s", at, event).isNotInstanceOf(Effect.LetOnInDryRun.class);
      }
    }
  }

  @Test
  void messagesOutOfOrder_abort() {
    assertThat(sendBody(BODY)).isInstanceOf(Effect.Abort.class);
    state = State.Plain.START;
    assertThat(send(Signal.TRAILERS_ARRIVED)).isInstanceOf(Effect.Abort.class);
    state = State.Plain.START;
    assertThat(send(Signal.STRANGE_MESSAGE)).isInstanceOf(Effect.Abort.class);
    state = State.Plain.START;
    sendHead(head(TestMesh.ZEN, BODY));
    assertThat(sendHead(head(TestMesh.ZEN, BODY))).isInstanceOf(Effect.Abort.class);
    assertThat(state).isEqualTo(State.Plain.ENDED);
  }
}
