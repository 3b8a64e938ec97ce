package io.zenmesh.e2e.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.TargetAnswer;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.EmbeddedRedis;
import io.zenmesh.e2e.harness.ExtProcProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(FaultyMesh.class)
class ReplayIT {
  private static final int COPIES = 24;
  private static final String ZEN = "acme/zen";

  private final RunningMesh running;

  ReplayIT(RunningMesh running) {
    this.running = running;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"acme/zen", "acme/github", "acme/stripe", "acme/standard", "globex/github"})
  void P05_manyCopiesAtOnceOnBothNodes_exactlyOneArrives(String endpoint) throws Exception {
    String checkId = CheckSuite.newCheckId();

    List<Outcome> outcomes = flood(endpoint, checkId);

    assertThat(outcomes).filteredOn(ReplayIT::accepted).hasSize(1);
    assertThat(outcomes)
        .filteredOn(outcome -> !accepted(outcome))
        .allSatisfy(outcome ->
            assertThat(outcome.problemCode().orElse("none")).isIn("replayed", "in_flight"));
    assertThat(running.arrived(checkId)).hasSize(1);
  }

  @Test
  void P05_sameMessageForAnotherTenant_isNotADuplicateButAForgery() {
    Rig.Ingress here = running.first();
    String checkId = CheckSuite.newCheckId();
    WireRequest acme = running.compose(Draft.correct("acme/github"), here, checkId);
    Rig.Ingress there = running.rig().after(here);
    WireRequest globex =
        running.compose(Draft.correct("globex/github"), there, checkId).withBody(acme.body());

    Outcome first = running.send(Protocol.HTTP_2, here, "acme/github", acme);
    Outcome second = running.send(Protocol.HTTP_2, there, "globex/github", globex);

    assertThat(first.status()).hasValue(200);
    assertThat(second.status()).as("own key, same body: a message of its own").hasValue(200);
  }

  @Test
  void P05_newUnsignedDeliveryId_doesNotMakeAnOldMessageNew() {
    Rig.Ingress here = running.first();
    WireRequest message =
        running.compose(Draft.correct("acme/github"), here, CheckSuite.newCheckId());
    WireRequest renamed =
        message.without("x-github-delivery").plus("X-GitHub-Delivery", CheckSuite.newCheckId());

    Outcome first = running.send(Protocol.HTTP_1, here, "acme/github", message);
    Outcome second = running.send(Protocol.HTTP_1, here, "acme/github", renamed);

    assertThat(first.status()).hasValue(200);
    assertThat(second.status()).hasValue(409);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new TargetAnswer.Status(500, Duration.ZERO), 500),
        Arguments.of(new TargetAnswer.Status(429, Duration.ZERO), 429),
        // Envoy's own answer, when the route's time is over.
        Arguments.of(new TargetAnswer.Hang(), 504));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void P05_failedDelivery_mayBeSentAgain(TargetAnswer failure, int status) {
    Rig.Ingress here = running.first();
    String checkId = CheckSuite.newCheckId();
    WireRequest message = running.compose(Draft.correct("acme/stripe"), here, checkId);
    running.target().answer("/acme/stripe", failure);
    Outcome failed;
    try {
      failed = running.send(Protocol.HTTP_2, here, "acme/stripe", message);
    } finally {
      running.target().answerNormally();
    }
    Outcome again = running.send(Protocol.HTTP_2, here, "acme/stripe", message);
    Outcome replayed = running.send(Protocol.HTTP_2, here, "acme/stripe", message);

    assertThat(failed.status()).hasValue(status);
    assertThat(again.status()).hasValue(200);
    assertThat(replayed.status()).hasValue(409);
    assertThat(running.arrived(checkId)).hasSize(2);
  }

  @Test
  void P05_restartedProcessor_stillKnowsTheMessage() {
    Rig.Ingress here = running.first();
    WireRequest message = running.compose(Draft.correct(ZEN), here, CheckSuite.newCheckId());

    Outcome first = running.send(Protocol.HTTP_1, here, ZEN, message);
    running.mesh().processor(here.node()).restart();
    Outcome second = running.send(Protocol.HTTP_1, here, ZEN, message);

    assertThat(first.status()).hasValue(200);
    assertThat(second.status()).hasValue(409);
  }

  /** The control experiment: were the store not shared, the tests above would see it. */
  @Test
  void P05_oneProcessorOnAnotherRedis_duplicatesPass() {
    Rig.Ingress here = running.first();
    Rig.Ingress there = running.rig().after(here);
    ExtProcProcess processor = running.mesh().processor(there.node());
    String checkId = CheckSuite.newCheckId();
    List<Outcome> outcomes = new ArrayList<>();
    try (EmbeddedRedis other = running.mesh().anotherRedis("redis-apart")) {
      processor.restartWith(other.store());
      WireRequest message = running.compose(Draft.correct(ZEN), here, checkId);
      outcomes.add(running.send(Protocol.HTTP_1, here, ZEN, message));
      outcomes.add(running.send(Protocol.HTTP_1, there, ZEN, message));
    } finally {
      processor.restartWith(running.mesh().redisStore());
    }

    assertThat(outcomes).allMatch(ReplayIT::accepted);
    assertThat(running.arrived(checkId)).hasSize(2);
  }

  private List<Outcome> flood(String endpoint, String checkId) throws Exception {
    Rig.Ingress here = running.first();
    WireRequest message = running.compose(Draft.correct(endpoint), here, checkId);
    CyclicBarrier together = new CyclicBarrier(COPIES);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Outcome>> tasks = new ArrayList<>();
      for (int i = 0; i < COPIES; i++) {
        Rig.Ingress ingress = i % 2 == 0 ? here : running.rig().after(here);
        Protocol protocol = i % 4 < 2 ? Protocol.HTTP_1 : Protocol.HTTP_2;
        tasks.add(() -> {
          int unused = together.await();
          return running.send(protocol, ingress, endpoint, message);
        });
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> done : threads.invokeAll(tasks)) {
        outcomes.add(done.get());
      }
      return outcomes;
    }
  }

  private static boolean accepted(Outcome outcome) {
    return outcome.status().equals(Optional.of(200));
  }
}
