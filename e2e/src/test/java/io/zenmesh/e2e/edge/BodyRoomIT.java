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
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.xds.model.EndpointPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The processor's room for bodies, under those who announce and do not send. */
@ExtendWith(SharedMesh.class)
class BodyRoomIT {
  private static final String ACME = "acme/zen";
  private static final String GLOBEX = "globex/github";
  private static final int AT_ONCE = 99;
  private static final int LARGE = EndpointPolicy.DEFAULT_MAX_BODY_BYTES;
  private static final int SMALL = 64 * 1024;

  private final RunningMesh running;

  BodyRoomIT(RunningMesh running) {
    this.running = running;
  }

  @Test
  void P10_slowUploadsToOneTenant_leaveItsNeighbourItsRoom() throws Exception {
    List<Http1Conversation> uploads = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        uploads.add(begin(LARGE));
      }
      for (int i = 0; i < 200; i++) {
        uploads.add(begin(SMALL));
      }
      Eventually.holds(
          "no room for acme",
          RunningMesh.PATIENCE,
          () -> send(ACME, Framing.CONTENT_LENGTH).status().equals(Optional.of(429)));
      Outcome refused = send(ACME, Framing.CONTENT_LENGTH);
      assertThat(refused.problemCode()).hasValue("rate_limited");
      assertThat(refused.latency()).isBetween(Duration.ofMillis(450), Duration.ofMillis(990));
      for (Framing framing : List.of(Framing.CONTENT_LENGTH, Framing.CHUNKED)) {
        assertThat(send(GLOBEX, framing).status()).hasValue(200);
      }
    } finally {
      for (Http1Conversation upload : uploads) {
        upload.close();
      }
    }
    Eventually.holds(
        "room again",
        RunningMesh.PATIENCE,
        () -> send(ACME, Framing.CHUNKED).status().equals(Optional.of(200)));
  }

  @Test
  void P10_smallMessagesWithoutALength_manyAtOnce_allFindRoom() throws Exception {
    CyclicBarrier start = new CyclicBarrier(AT_ONCE);
    List<Callable<Outcome>> senders = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      WireRequest request = message(ACME, Framing.CHUNKED);
      senders.add(() -> {
        start.await();
        return running.send(Protocol.HTTP_2, running.first(), ACME, request);
      });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Outcome> outcome : threads.invokeAll(senders)) {
        // A machine that is slow enough lets the store time out; room there must be.
        assertThat(outcome.get().problemCode().orElse("none"))
            .as("%s", outcome.get())
            .isIn("none", "store_unavailable");
      }
    }
  }

  private WireRequest message(String endpoint, Framing framing) {
    return running
        .compose(Draft.correct(endpoint), running.first(), CheckSuite.newCheckId())
        .framed(framing, List.of());
  }

  private Outcome send(String endpoint, Framing framing) {
    return running.send(Protocol.HTTP_2, running.first(), endpoint, message(endpoint, framing));
  }

  /** A forger's upload of which the body does not come. */
  private Http1Conversation begin(int announced) throws IOException {
    Draft draft = Draft.correct(ACME).with(Content.zeros(announced));
    WireRequest request = running.compose(draft, running.first(), CheckSuite.newCheckId());
    byte[] all = RawHttp1.render(request).toByteArray();
    Http1Conversation upload =
        running.http1().open(running.first().port(), running.rig().source(ACME).host());
    upload.write(Arrays.copyOf(all, all.length - announced));
    return upload;
  }
}
