package io.zenmesh.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.Draft.Content;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import io.zenmesh.extproc.signature.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each refusal is the processor's own answer, with its status, its code and a constant body. Were
 * an error answered by ending the stream, Envoy would answer 403 without a code and these would
 * fail.
 */
@ExtendWith(SharedMesh.class)
class RefusalIT {
  private static final String ZEN = "acme/zen";
  private static final Duration STALE = Duration.ofSeconds(400);

  private final RunningMesh running;

  RefusalIT(RunningMesh running) {
    this.running = running;
  }

  private static Map<Reason, Draft> refusals() {
    Draft zen = Draft.correct(ZEN);
    Map<Reason, Draft> refusals = new TreeMap<>();
    refusals.put(Reason.SIGNATURE_MISSING, zen.then(r -> r.without("x-zen-signature")));
    refusals.put(Reason.SIGNATURE_MISMATCH, zen.then(Draft::oneByteChanged));
    refusals.put(Reason.SIGNATURE_MALFORMED, zen.then(signature("t=1,n=x,v1=zz")));
    refusals.put(
        Reason.HEADER_DUPLICATED,
        zen.then(
            r -> r.plus("x-zen-signature", Field.values(r.headers(), "x-zen-signature").get(0))));
    refusals.put(Reason.TIMESTAMP_TOO_OLD, zen.shifted(STALE.negated()));
    refusals.put(Reason.TIMESTAMP_IN_FUTURE, zen.shifted(STALE));
    refusals.put(Reason.BODY_TOO_LARGE, zen.with(Content.OVERSIZED));
    return refusals;
  }

  @Test
  void refusal_ofEachReason_isAConstantProblemDocument() {
    refusals()
        .forEach((reason, draft) -> {
          for (Protocol protocol : Protocol.values()) {
            Outcome outcome = send(protocol, draft);

            assertThat(outcome).as("%s", reason).isInstanceOf(Outcome.Answered.class);
            Outcome.Answered answer = (Outcome.Answered) outcome;
            assertThat(answer.code()).as("%s", reason).isEqualTo(reason.status());
            assertThat(answer.problemCode()).as("%s", reason).hasValue(reason.outwardCode());
            assertThat(Field.values(answer.headers(), "content-type"))
                .as("%s", reason)
                .containsExactly("application/problem+json");
            assertThat(constant(answer))
                .isEqualTo(constant((Outcome.Answered) send(protocol, draft)));
            assertThat(answer.body().toStringUtf8())
                .startsWith(
                    "{\"type\":\"https://zenmesh.io/problems/" + reason.outwardCode() + "\"")
                .contains("\"status\":" + reason.status());
          }
        });
  }

  @Test
  void refusals_ofUnauthorizedRequests_cannotBeToldApart() {
    List<String> bodies =
        refusals().entrySet().stream()
            .filter(entry -> entry.getKey().status() == 401)
            .map(entry -> (Outcome.Answered) send(Protocol.HTTP_2, entry.getValue()))
            .map(answer -> constant(answer) + names(answer))
            .distinct()
            .toList();

    assertThat(bodies).hasSize(1);
  }

  /** The document without the one thing that differs: the id, which Envoy's own 413 has not. */
  private static String constant(Outcome.Answered answer) {
    String body = answer.body().toStringUtf8();
    String constant = body.replaceFirst("\"correlationId\":\"[0-9a-f-]{36}\"", "");
    assertThat(constant.length() < body.length()).as(body).isEqualTo(answer.code() != 413);
    return constant;
  }

  private static String names(Outcome.Answered answer) {
    return answer.headers().stream().map(Field::name).sorted().toList().toString();
  }

  private static UnaryOperator<WireRequest> signature(String value) {
    return request -> request.without("x-zen-signature").plus("X-Zen-Signature", value);
  }

  private Outcome send(Protocol protocol, Draft draft) {
    WireRequest request = running.compose(draft, running.first(), CheckSuite.newCheckId());
    return running.send(protocol, running.first(), ZEN, request);
  }
}
