package io.zenmesh.e2e.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Http1Conversation;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One message ten thousand times, over both nodes and their processors at once. */
@ExtendWith(SharedMesh.class)
class DuplicateFloodIT {
  private static final int CONNECTIONS = 64;
  private static final int COPIES = 10_000;

  /** The last two are an overloaded machine's: the store or the processor was not in time. */
  private static final Set<String> ANSWERS =
      Set.of(
          "200",
          "409 replayed",
          "503 in_flight",
          "503 store_unavailable",
          "504 gateway_unavailable");

  private final RunningMesh running;

  DuplicateFloodIT(RunningMesh running) {
    this.running = running;
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme/zen", "acme/stripe", "acme/github"})
  void P05_tenThousandCopies_exactlyOneArrives(String endpoint) throws Exception {
    String checkId = CheckSuite.newCheckId();

    Map<String, Integer> outcomes = flood(endpoint, checkId);

    assertThat(running.arrived(checkId)).hasSize(1);
    assertThat(outcomes).containsEntry("200", 1);
    assertThat(outcomes.keySet()).isSubsetOf(ANSWERS);
    assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(COPIES);
  }

  private Map<String, Integer> flood(String endpoint, String checkId) throws Exception {
    Rig.Ingress here = running.first();
    byte[] message =
        RawHttp1.render(running.compose(Draft.correct(endpoint), here, checkId)).toByteArray();
    String host = running.rig().source(endpoint).host();
    CyclicBarrier together = new CyclicBarrier(CONNECTIONS);
    Map<String, Integer> outcomes = new TreeMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<List<String>>> tasks = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        Rig.Ingress ingress = i % 2 == 0 ? here : running.rig().after(here);
        int share = COPIES / CONNECTIONS + (i < COPIES % CONNECTIONS ? 1 : 0);
        tasks.add(() -> {
          try (Http1Conversation conversation = running.http1().open(ingress.port(), host)) {
            int unused = together.await();
            return ask(conversation, message, share);
          }
        });
      }
      for (Future<List<String>> done : threads.invokeAll(tasks)) {
        done.get().forEach(outcome -> outcomes.merge(outcome, 1, Integer::sum));
      }
    }
    return outcomes;
  }

  private static List<String> ask(Http1Conversation conversation, byte[] message, int times)
      throws IOException {
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      // Small enough for the socket's buffer, so that nothing has to be read while it is written.
      conversation.write(message);
      Outcome outcome = conversation.answer();
      String status = outcome.status().map(String::valueOf).orElseGet(outcome::toString);
      outcomes.add(outcome.problemCode().map(code -> status + " " + code).orElse(status));
    }
    return outcomes;
  }
}
