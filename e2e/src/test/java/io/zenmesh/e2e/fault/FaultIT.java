package io.zenmesh.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.TargetAnswer;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.EmbeddedRedis;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.ExtProcProcess;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(FaultyMesh.class)
class FaultIT {
  private static final String ZEN = "acme/zen";
  private static final Duration DEADLINE = Duration.ofMillis(1200);
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  private final RunningMesh running;
  private final EmbeddedRedis redis;

  FaultIT(RunningMesh running) {
    this.running = running;
    this.redis = running.mesh().redis().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme/zen", "acme/github"})
  void F06_redisDown_isRefusedInsideTheDeadlineAndRecovers(String endpoint) {
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct(endpoint), running.first(), checkId);
    redis.kill();
    Outcome refused;
    try {
      refused = running.send(Protocol.HTTP_2, running.first(), endpoint, message);
    } finally {
      redis.restart();
    }

    assertThat(refused.status()).as("%s", refused).hasValue(503);
    assertThat(refused.problemCode()).hasValue("store_unavailable");
    assertThat(Field.values(((Outcome.Answered) refused).headers(), "retry-after")).hasSize(1);
    assertThat(refused.latency()).isLessThan(DEADLINE);
    assertThat(running.arrived(checkId)).isEmpty();
    awaitAccepted(endpoint, running.first());
    awaitAccepted(endpoint, running.rig().after(running.first()));
  }

  @Test
  void F08_redisStopped_isRefusedInsideTheDeadline() {
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct(ZEN), running.first(), checkId);
    redis.pause();
    Outcome refused;
    try {
      refused = running.send(Protocol.HTTP_1, running.first(), ZEN, message);
    } finally {
      redis.resume();
    }

    assertThat(refused.status()).as("%s", refused).hasValue(503);
    assertThat(refused.problemCode()).hasValue("store_unavailable");
    assertThat(refused.latency()).isLessThan(DEADLINE);
    assertThat(running.arrived(checkId)).isEmpty();
    awaitAccepted(ZEN, running.first());
  }

  @Test
  void F06_redisBackEmpty_refusesMessagesItMayHaveSeen() {
    Rig.Ingress ingress = running.first();
    String checkId = CheckSuite.newCheckId();
    WireRequest seen = running.compose(Draft.correct(ZEN), ingress, checkId);
    Outcome accepted = running.send(Protocol.HTTP_1, ingress, ZEN, seen);

    redis.restart();

    assertThat(accepted.status()).hasValue(200);
    awaitAccepted(ZEN, ingress);
    Outcome again = running.send(Protocol.HTTP_1, ingress, ZEN, seen);
    assertThat(again.status()).as("%s", again).hasValue(503);
    assertThat(again.problemCode()).hasValue("store_unavailable");
    assertThat(running.arrived(checkId)).hasSize(1);
  }

  @Test
  void F07_redisFlushed_refusesMessagesItMayHaveSeen() {
    Rig.Ingress ingress = running.first();
    String checkId = CheckSuite.newCheckId();
    WireRequest seen = running.compose(Draft.correct(ZEN), ingress, checkId);
    Outcome accepted = running.send(Protocol.HTTP_1, ingress, ZEN, seen);

    redis.flush();

    assertThat(accepted.status()).hasValue(200);
    // The loss is looked for once a second: until it is found, the store knows no better.
    Eventually.holds(
        "the loss is detected",
        RECOVERY,
        () ->
            fresh(ZEN, ingress, Protocol.HTTP_1)
                .problemCode()
                .equals(Optional.of("store_unavailable")));
    Outcome again = running.send(Protocol.HTTP_1, ingress, ZEN, seen);
    assertThat(again.problemCode()).as("%s", again).hasValue("store_unavailable");
    assertThat(running.arrived(checkId)).hasSize(1);
    awaitAccepted(ZEN, ingress);
    awaitAccepted(ZEN, running.rig().after(ingress));
  }

  @Test
  void F01_processorKilled_isRefusedAndRecovers() {
    Rig.Ingress ingress = running.first();
    ExtProcProcess processor = running.mesh().processor(ingress.node());
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct(ZEN), ingress, checkId);
    processor.kill();
    Outcome refused;
    Outcome elsewhere;
    try {
      refused = running.send(Protocol.HTTP_2, ingress, ZEN, message);
      elsewhere = fresh(ZEN, running.rig().after(ingress), Protocol.HTTP_2);
    } finally {
      processor.restart();
    }

    assertThat(refused.status()).as("%s", refused).isPresent();
    assertThat(Set.of(500, 503, 504)).contains(refused.status().orElseThrow());
    assertThat(running.arrived(checkId)).isEmpty();
    assertThat(elsewhere.status()).as("the other node").hasValue(200);
    awaitAccepted(ZEN, ingress);
  }

  @Test
  void F03_processorStopped_isRefusedAtTheTimeout() {
    Rig.Ingress ingress = running.first();
    ExtProcProcess processor = running.mesh().processor(ingress.node());
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct(ZEN), ingress, checkId);
    processor.process().pause();
    Outcome refused;
    try {
      refused = running.send(Protocol.HTTP_2, ingress, ZEN, message);
    } finally {
      processor.process().resume();
    }

    assertThat(refused.status()).as("%s", refused).hasValue(504);
    awaitAccepted(ZEN, ingress);
    assertThat(running.arrived(checkId)).as("the stale answer").isEmpty();
  }

  @Test
  void X07_controlPlaneKilled_trafficGoesOnAndNodesComeBack() {
    Rig.Ingress ingress = running.first();
    running.mesh().controlPlane().kill();
    Outcome without;
    Outcome another;
    try {
      without = fresh(ZEN, ingress, Protocol.HTTP_1);
      another = fresh("globex/github", ingress, Protocol.HTTP_2);
    } finally {
      running.mesh().controlPlane().restart();
    }

    assertThat(without.status()).as("%s", without).hasValue(200);
    assertThat(another.status()).as("%s", another).hasValue(200);
    awaitAccepted(ZEN, ingress);
  }

  /** A processor that started while the control plane is away knows no policy: it refuses. */
  @Test
  void X07_processorWithoutPolicies_answersPolicyNotLoaded() {
    Rig.Ingress ingress = running.first();
    ExtProcProcess processor = running.mesh().processor(ingress.node());
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct(ZEN), ingress, checkId);
    running.mesh().controlPlane().kill();
    Outcome refused;
    try {
      processor.relaunch();
      refused = awaitProblem(ingress, message);
    } finally {
      running.mesh().controlPlane().restart();
    }

    assertThat(refused.status()).as("%s", refused).hasValue(503);
    assertThat(refused.problemCode()).hasValue("policy_not_loaded");
    assertThat(running.arrived(checkId)).isEmpty();
    awaitAccepted(ZEN, ingress);
  }

  @Test
  void F21_targetFails_isToldWithoutDetail() {
    Rig.Ingress ingress = running.first();
    running.target().answer("/acme/zen", new TargetAnswer.Reset());
    Outcome cut;
    try {
      cut = fresh(ZEN, ingress, Protocol.HTTP_1);
    } finally {
      running.target().answerNormally();
    }

    assertThat(cut.status()).as("%s", cut).isPresent();
    assertThat(Set.of(502, 503)).contains(cut.status().orElseThrow());
    assertThat(((Outcome.Answered) cut).body().toStringUtf8())
        .doesNotContain("localhost")
        .doesNotContain("127.0.0.1")
        .doesNotContain("reset");
    awaitAccepted(ZEN, ingress);
  }

  private Outcome awaitProblem(Rig.Ingress ingress, WireRequest message) {
    return Eventually.get(
        "an answer of the processor",
        RECOVERY,
        () -> {
          Outcome outcome = running.send(Protocol.HTTP_1, ingress, ZEN, message);
          boolean fromProcessor =
              outcome.problemCode().isPresent()
                  && !outcome.problemCode().equals(Optional.of("gateway_unavailable"));
          return fromProcessor || outcome.status().equals(Optional.of(200))
              ? Eventually.Found.value(outcome)
              : Eventually.Found.instead(outcome.toString());
        });
  }

  private Outcome fresh(String endpoint, Rig.Ingress ingress, Protocol protocol) {
    WireRequest message =
        running.compose(Draft.correct(endpoint), ingress, CheckSuite.newCheckId());
    return running.send(protocol, ingress, endpoint, message);
  }

  private void awaitAccepted(String endpoint, Rig.Ingress ingress) {
    Eventually.holds(
        endpoint + " accepted on " + ingress.node(),
        RECOVERY,
        () -> fresh(endpoint, ingress, Protocol.HTTP_1).status().equals(Optional.of(200)));
  }
}
