package io.zenmesh.e2e.check;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireClientTest {
  private static final String HOST = "hooks.acme.test";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir static Path directory;
  private static SampleTarget target;
  private static FrameServer frames;
  private static ClientTls tls;
  private static IdentityFiles identity;

  @BeforeAll
  static void start() throws IOException {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.test", Clock.systemUTC());
    identity = pki.issue(directory.resolve("target"), Leaf.server("target", HOST));
    target = SampleTarget.start(identity, 0);
    frames = new FrameServer(identity);
    tls = ClientTls.trusting(identity.trustBundle());
  }

  @AfterAll
  static void stop() {
    target.close();
    frames.close();
  }

  @Test
  void http1_repeatedOddlyCasedFields_arriveAsWritten() {
    WireRequest request =
        WireRequest.post(HOST, "/a?b=c", ByteString.copyFromUtf8("body"), List.of())
            .plus("X-Zen-SIGNATURE", "one")
            .plus("x-zen-signature", "two");
    long mark = target.arrivals().total();

    Outcome outcome = send(request, PATIENCE);

    assertThat(outcome.status()).hasValue(200);
    assertThat(target.arrivals().after(mark))
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.method()).isEqualTo("POST");
          assertThat(seen.path()).isEqualTo("/a?b=c");
          assertThat(seen.body().toStringUtf8()).isEqualTo("body");
          assertThat(seen.header("X-ZEN-Signature")).containsExactly("one", "two");
          assertThat(seen.headers()).contains(new Field("X-Zen-SIGNATURE", "one"));
        });
  }

  @Test
  void http1_chunkedBody_arrivesWhole() {
    ByteString body = ByteString.copyFrom(new byte[100_000]);
    long mark = target.arrivals().total();

    Outcome outcome =
        send(
            WireRequest.post(HOST, "/chunked", body, List.of())
                .framed(Framing.CHUNKED, List.of(new Field("x-trailer", "t"))),
            PATIENCE);

    assertThat(outcome.status()).hasValue(200);
    assertThat(target.arrivals().after(mark).getFirst().body()).isEqualTo(body);
  }

  @Test
  void http1_answersAskedFor_areGiven() {
    target.answer("/teapot", new TargetAnswer.Status(418, Duration.ofMillis(50)));
    target.answer("/hang", new TargetAnswer.Hang());
    target.answer("/reset", new TargetAnswer.Reset());

    Outcome slow = send(to("/teapot"), PATIENCE);
    assertThat(slow.status()).hasValue(418);
    assertThat(slow.latency()).isGreaterThan(Duration.ofMillis(49));
    assertThat(send(to("/hang"), SHORT)).isInstanceOf(Outcome.Silent.class);
    assertThat(send(to("/reset"), PATIENCE)).isInstanceOf(Outcome.Cut.class);
  }

  @Test
  void http1_pipelinedRequests_areReadOneByOne() throws IOException {
    byte[] two = RawHttp1.render(to("/p")).concat(RawHttp1.render(to("/q"))).toByteArray();
    try (Http1Conversation conversation = new RawHttp1(tls, PATIENCE).open(target.port(), HOST)) {
      conversation.write(two);

      Http1Conversation.Reading reading = conversation.drain(SHORT);

      assertThat(reading.answers()).hasSize(2);
      assertThat(reading.closed()).isFalse();
    }
  }

  @Test
  void http1_bareLineFeedRequest_isCut() throws IOException {
    try (Http1Conversation conversation = new RawHttp1(tls, PATIENCE).open(target.port(), HOST)) {
      Outcome outcome = conversation.ask("nonsense\n\n".getBytes(US_ASCII));

      assertThat(outcome.status()).isNotEqualTo(Optional.of(200));
    }
  }

  @Test
  void clients_serverNameOfAnother_refuseTheCertificate() {
    WireRequest request = to("/never");
    long mark = target.arrivals().total();
    try (RawHttp2 http2 = new RawHttp2(tls, PATIENCE);
        RawHttp1 http1 = new RawHttp1(tls, PATIENCE)) {
      assertThat(http1.send(target.port(), "hooks.other.test", request))
          .isInstanceOf(Outcome.Cut.class);
      assertThat(http2.send(frames.port(), "hooks.other.test", request))
          .isInstanceOf(Outcome.Cut.class);
    }
    assertThat(target.arrivals().after(mark)).isEmpty();
  }

  @Test
  void http2_headersThenTrailers_sendNoData() {
    try (RawHttp2 http2 = new RawHttp2(tls, PATIENCE)) {
      WireRequest request =
          WireRequest.post(HOST, "/t", ByteString.EMPTY, List.of())
              .plus("X-Twice", "1")
              .plus("x-twice", "2");
      Outcome plain =
          http2.send(frames.port(), HOST, request.withBody(ByteString.copyFromUtf8("d")));
      Outcome trailed =
          http2.send(
              frames.port(),
              HOST,
              request.framed(Framing.NONE, List.of(new Field("x-trailer", "t"))));

      assertThat(plain.status()).hasValue(200);
      assertThat(((Outcome.Answered) plain).body().toStringUtf8()).isEqualTo("seen");
      assertThat(((Outcome.Answered) plain).headers()).contains(new Field("x-a", "b"));
      assertThat(trailed.status()).hasValue(200);
      assertThat(frames.frames())
          .containsExactly(
              "HEADERS false x-twice=[1, 2]",
              "DATA true d",
              "HEADERS false x-twice=[1, 2]",
              "HEADERS true x-twice=[]");
    }
  }

  private static WireRequest to(String path) {
    return WireRequest.post(HOST, path, ByteString.EMPTY, List.of());
  }

  private static Outcome send(WireRequest request, Duration patience) {
    return new RawHttp1(tls, patience).send(target.port(), HOST, request);
  }
}
