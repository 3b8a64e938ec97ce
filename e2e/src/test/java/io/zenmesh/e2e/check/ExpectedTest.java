package io.zenmesh.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.Expected.Answer;
import io.zenmesh.e2e.check.Expected.Seen;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpectedTest {
  private static final Seen OK = new Seen(Optional.of(200), Optional.empty());
  private static final Seen REPLAYED = new Seen(Optional.of(409), Optional.of("replayed"));
  private static final Seen IN_FLIGHT = new Seen(Optional.of(503), Optional.of("in_flight"));
  private static final Seen NOTHING = new Seen(Optional.empty(), Optional.empty());

  @Test
  void admits_oneAcceptedAmongRefused_inAnyOrder() {
    Expected expected = Expected.oneOf(3, Answer.of(409, "replayed").or(503, "in_flight"));

    assertThat(expected.admits(List.of(REPLAYED, OK, IN_FLIGHT))).isTrue();
    assertThat(expected.admits(List.of(OK, OK, REPLAYED))).isFalse();
    assertThat(expected.admits(List.of(REPLAYED, REPLAYED, IN_FLIGHT))).isFalse();
    assertThat(expected.admits(List.of(OK, REPLAYED))).isFalse();
    assertThat(expected).hasToString("200 + 2 x 409 replayed or 503 in_flight");
  }

  @Test
  void admits_rightStatusWrongCode_isFalse() {
    Expected expected = Expected.refused(401, "signature_invalid");

    assertThat(expected.admits(List.of(new Seen(Optional.of(401), Optional.empty())))).isFalse();
    assertThat(expected.admits(List.of(NOTHING))).isFalse();
    assertThat(Expected.refused(404).admits(List.of(new Seen(Optional.of(404), Optional.of("x")))))
        .isTrue();
  }
}
