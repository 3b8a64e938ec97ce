package io.zenmesh.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Draft.Content;
import io.zenmesh.e2e.check.Http1Conversation;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import io.zenmesh.xds.model.EndpointPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedMesh.class)
class BodyLimitIT {
  private static final int LIMIT = EndpointPolicy.DEFAULT_MAX_BODY_BYTES;
  private static final String ZEN = "acme/zen";

  private final RunningMesh running;

  BodyLimitIT(RunningMesh running) {
    this.running = running;
  }

  static Stream<Arguments> everySize() {
    List<Arguments> all = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (Framing framing : List.of(Framing.CONTENT_LENGTH, Framing.CHUNKED)) {
        for (int size : List.of(LIMIT - 1, LIMIT, LIMIT + 1, 10 * LIMIT)) {
          all.add(Arguments.of(protocol, framing, size));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("everySize")
  void E09_bodyAroundTheLimit_isAcceptedOrRefusedAtOnce(
      Protocol protocol, Framing framing, int size) throws InterruptedException {
    String checkId = CheckSuite.newCheckId();
    Draft draft = Draft.correct(ZEN).with(Content.zeros(size));
    WireRequest request =
        running.compose(draft, running.first(), checkId).framed(framing, List.of());

    Outcome outcome = running.send(protocol, running.first(), ZEN, request);

    boolean fits = size <= LIMIT;
    assertThat(outcome.status()).as("%s", outcome).hasValue(fits ? 200 : 413);
    assertThat(outcome.problemCode())
        .isEqualTo(fits ? Optional.empty() : Optional.of("body_too_large"));
    assertThat(
            running
                .arrivals()
                .await(
                    seen -> seen.header("x-check-id").contains(checkId),
                    fits ? 1 : 0,
                    RunningMesh.PATIENCE))
        .hasSize(fits ? 1 : 0)
        .allSatisfy(seen -> assertThat(seen.body()).isEqualTo(request.body()));
  }

  @ParameterizedTest
  @ValueSource(ints = {LIMIT, LIMIT + 1, 10 * LIMIT})
  void E09_expectContinue_getsAFinalAnswer(int size) throws IOException {
    String checkId = CheckSuite.newCheckId();
    Draft draft = Draft.correct(ZEN).with(Content.zeros(size));
    WireRequest request =
        running.compose(draft, running.first(), checkId).plus("Expect", "100-continue");
    byte[] all = RawHttp1.render(request).toByteArray();
    byte[] head = Arrays.copyOf(all, all.length - size);
    try (Http1Conversation conversation =
        running.http1().open(running.first().port(), running.rig().source(ZEN).host())) {
      conversation.write(head);
      Outcome.Answered first = conversation.next();
      Optional<Integer> status = Optional.of(first.code());
      if (first.code() == 100) {
        status = conversation.ask(request.body().toByteArray()).status();
      }

      assertThat(status).hasValue(size <= LIMIT ? 200 : 413);
    }
    assertThat(running.arrived(checkId)).hasSize(size <= LIMIT ? 1 : 0);
  }
}
