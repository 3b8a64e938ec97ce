package io.zenmesh.extproc.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.pipeline.DoorSteps.Sent;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.resource.Limits;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DryRunTest {
  private final DoorSteps door = new DoorSteps();

  DryRunTest() {
    door.endpoint("github", false, SchemeSettings.NONE, DoorSteps.SECRET);
  }

  private static Optional<Reason> reason(Effect effect) {
    assertThat(effect).isInstanceOf(Effect.LetOnInDryRun.class);
    return ((Effect.LetOnInDryRun) effect).reason();
  }

  @Test
  void headers_thatLeaveNoRoomForTheVerdict_areRefused() {
    Sent sent = door.signed("{}");
    for (int i = sent.fieldCount(); i <= Limits.VERIFIABLE_HEADERS_COUNT; i++) {
      sent = sent.with("x-many-" + i, "1");
    }
    assertThat(door.send(sent))
        .isInstanceOfSatisfying(
            Effect.Refuse.class,
            refuse -> assertThat(refuse.reason()).isEqualTo(Reason.HEADERS_TOO_LARGE));
  }

  @Test
  void genuineMessage_isLetOnWithoutAClaim_eachTime() {
    for (int i = 0; i < 3; i++) {
      assertThat(reason(door.send(door.signed("{}")))).isEmpty();
    }
  }

  @Test
  void everyRefusalOfTheEngine_isOnlyRecorded() {
    assertThat(reason(door.send(DoorSteps.post("{}")))).contains(Reason.SIGNATURE_MISSING);
    assertThat(reason(door.send(DoorSteps.get("")))).contains(Reason.SIGNATURE_MISSING);
    assertThat(reason(door.send(door.signed("{}").with("x-hub-signature-256", "sha256=00"))))
        .contains(Reason.SIGNATURE_MALFORMED);
    assertThat(reason(door.send(door.signed("{}", "another-secret"))))
        .contains(Reason.SIGNATURE_MISMATCH);
    door.endpoint("github", false, SchemeSettings.NONE);
    assertThat(reason(door.send(door.signed("{}")))).contains(Reason.KEY_UNAVAILABLE);
  }

  @Test
  void bodyOverTheLimit_isOnlyRecorded_announcedOrNot() {
    Sent large = door.signed("x".repeat(DoorSteps.MAX_BODY_BYTES + 1));
    assertThat(reason(door.send(large))).contains(Reason.BODY_TOO_LARGE);
    assertThat(reason(door.send(large.with("content-length", "4097"))))
        .contains(Reason.BODY_TOO_LARGE);
  }

  /** What protects this process, or was never told what the endpoint is, still refuses. */
  @Test
  void roomTrailersAndUnknownEndpoints_areRefusedAllTheSame() {
    Pipeline pipeline = new Pipeline(door.policies::current, () -> false, door.clock);
    Transition head =
        pipeline.step(State.Plain.START, new Event.HeadArrived(door.signed("{}"), false));
    assertThat(head.effect())
        .isInstanceOfSatisfying(
            Effect.AskForBody.class, ask -> assertThat(ask.bytes()).isEqualTo(4 * 1024 * 1024));
    assertThat(pipeline.step(head.next(), Event.Signal.NO_ROOM).effect())
        .isInstanceOfSatisfying(
            Effect.Refuse.class,
            refuse -> assertThat(refuse.reason()).isEqualTo(Reason.RATE_LIMITED));
    assertThat(
            pipeline
                .step(head.next(), new Event.BodyArrived(ByteBuffer.allocate(0), false))
                .effect())
        .isInstanceOf(Effect.Refuse.class);
    assertThat(pipeline.step(head.next(), Event.Signal.TRAILERS_ARRIVED).effect())
        .isInstanceOf(Effect.Refuse.class);
    assertThat(
            new Pipeline(Optional::empty, () -> false, door.clock)
                .step(State.Plain.START, new Event.HeadArrived(door.signed("{}"), false))
                .effect())
        .isInstanceOf(Effect.Refuse.class);
  }

  @Test
  void questions_areAnswered_andWrongOnesLetOn() {
    door.endpoint("slack", false, SchemeSettings.NONE, DoorSteps.SECRET);
    String question = "{\"type\":\"url_verification\",\"challenge\":\"abc\"}";
    assertThat(door.send(door.signed(question)))
        .isInstanceOfSatisfying(
            Effect.AnswerChallenge.class,
            answer -> assertThat(answer.answer()).isInstanceOf(Challenge.Answer.class));
    assertThat(reason(door.send(DoorSteps.post(question)))).contains(Reason.SIGNATURE_MISSING);
  }

  @Test
  void enforcedEndpoint_neverLetsOnInDryRun() {
    door.endpoint("github", true, SchemeSettings.NONE, DoorSteps.SECRET);
    for (Sent sent :
        new Sent[] {
          door.signed("{}"),
          DoorSteps.post("{}"),
          DoorSteps.get(""),
          door.signed("x".repeat(DoorSteps.MAX_BODY_BYTES + 1))
        }) {
      assertThat(door.send(sent)).isNotInstanceOf(Effect.LetOnInDryRun.class);
    }
  }
}
