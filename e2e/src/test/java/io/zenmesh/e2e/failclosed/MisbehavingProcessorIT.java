package io.zenmesh.e2e.failclosed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.RawHttp2;
import io.zenmesh.e2e.check.WireClient;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.fixture.StaticEnvoys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MisbehavingProcessorIT {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir static Path directory;
  private static StaticEnvoys envoys;
  private static MisbehavingProcessor processor;

  @BeforeAll
  static void start() throws IOException {
    envoys =
        StaticEnvoys.start(
            directory.resolve("mesh"), UnaryOperator.identity(), Guards::egressOpened);
    processor = new MisbehavingProcessor(envoys.processorSocket());
  }

  @AfterAll
  static void stop() {
    processor.close();
    envoys.close();
  }

  static Stream<Arguments> everyWay() {
    List<Arguments> ways = new ArrayList<>();
    for (Misbehaviour misbehaviour : Misbehaviour.values()) {
      for (Protocol protocol : Protocol.values()) {
        ways.add(Arguments.of(misbehaviour, protocol));
      }
    }
    return ways.stream();
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void F04_misbehavingProcessor_neverLetsBytesThrough(Misbehaviour misbehaviour, Protocol protocol)
      throws IOException {
    processor.does(misbehaviour);
    int asked = processor.streams();

    Outcome outcome = send(envoys, protocol, request());

    assertThat(outcome.status()).as("%s", outcome).isPresent();
    assertThat(outcome.status().orElseThrow()).isIn(misbehaviour.statuses());
    assertThat(((Outcome.Answered) outcome).body().toStringUtf8()).doesNotContain("secret detail");
    assertThat(processor.streams()).as("asked").isGreaterThan(asked);
    assertThat(envoys.target().arrivals().total()).as("at the target").isZero();
  }

  @Test
  void E04_headersAndTrailersWithoutData_continuedThroughout_isStoppedByTheGate()
      throws IOException {
    processor.does(Misbehaviour.CONTINUE_TO_EVERYTHING);

    Outcome outcome =
        send(
            envoys,
            Protocol.HTTP_2,
            request().framed(Framing.NONE, List.of(new Field("x-trailer", "t"))));

    assertThat(outcome.status()).hasValue(403);
    assertThat(envoys.target().arrivals().total()).as("at the target").isZero();
  }

  /** Without this test, a rig that lets nothing through at all would pass every other one. */
  @Test
  void F04_cleanCloseWithoutTheGate_reachesTheTarget(@TempDir Path other) throws IOException {
    try (StaticEnvoys open =
            StaticEnvoys.start(other.resolve("mesh"), Guards::gateRemoved, Guards::egressOpened);
        MisbehavingProcessor careless = new MisbehavingProcessor(open.processorSocket())) {
      careless.does(Misbehaviour.CLEAN_CLOSE_ON_HEADERS);

      Outcome outcome = send(open, Protocol.HTTP_1, request());

      assertThat(outcome.status()).hasValue(200);
      assertThat(open.target().arrivals().total()).as("at the target").isEqualTo(1);
    }
  }

  /** The egress node, which routes by the processor's own headers, is the second line. */
  @Test
  void F04_cleanCloseWithoutTheGate_isStoppedByTheEgress(@TempDir Path other) throws IOException {
    try (StaticEnvoys open =
            StaticEnvoys.start(
                other.resolve("mesh"), Guards::gateRemoved, UnaryOperator.identity());
        MisbehavingProcessor careless = new MisbehavingProcessor(open.processorSocket())) {
      careless.does(Misbehaviour.CLEAN_CLOSE_ON_HEADERS);

      Outcome closed = send(open, Protocol.HTTP_1, request());
      careless.does(Misbehaviour.TAGS_WITHOUT_PROOF);
      Outcome tagged = send(open, Protocol.HTTP_1, request());

      assertThat(closed.status()).hasValue(404);
      assertThat(tagged.status()).as("with the processor's headers").hasValue(200);
    }
  }

  private static WireRequest request() {
    return WireRequest.post(
        StaticEnvoys.HOST,
        StaticEnvoys.PATH,
        ByteString.copyFromUtf8("{\"forged\":true}"),
        List.of(new Field("X-Zen-Signature", "t=1,n=forged0123456789,v1=00")));
  }

  private static Outcome send(StaticEnvoys to, Protocol protocol, WireRequest request)
      throws IOException {
    try (WireClient client =
        protocol == Protocol.HTTP_1
            ? new RawHttp1(to.tls(), PATIENCE)
            : new RawHttp2(to.tls(), PATIENCE)) {
      return client.send(to.port(), StaticEnvoys.HOST, request);
    }
  }
}
