package io.zenmesh.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Draft.Content;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Http1Conversation;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.fixture.ExtraDocuments;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.xds.model.EndpointPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an endpoint's own limits refuse: by rate, by source, by the size of the body. */
@ExtendWith(FaultyMesh.class)
@TestInstance(Lifecycle.PER_CLASS)
class EndpointLimitsIT {
  private static final String ZEN = "acme/zen";
  private static final int BURST = 4;
  private static final int LARGEST = EndpointPolicy.MAX_BODY_BYTES_CEILING;
  private static final Pattern REQUESTS =
      Pattern.compile("(?m)^zen_requests_total\\{[^}]*\\} ([0-9.E]+)$");

  private final RunningMesh running;
  private Optional<ExtraDocuments> documents = Optional.empty();

  EndpointLimitsIT(RunningMesh running) {
    this.running = running;
  }

  private static String endpoint(String name, String limits) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Endpoint
    metadata: {name: %1$s, tenant: acme}
    spec:
      cluster: edge-local
      host: hooks.acme.test
      path: /acme/%1$s
      scheme: zen
      secretRefs: [zen-key]
      destination: zen
      %2$s
    """
        .formatted(name, limits);
  }

  @BeforeAll
  void apply() throws IOException {
    // One token each 10 s: none comes back while a test runs.
    String rate = "limits: {requestsPerMinute: 6, burst: " + BURST + "}";
    documents =
        Optional.of(
            ExtraDocuments.add(
                running,
                List.of(),
                endpoint("rate-1", rate)
                    + endpoint("rate-2", rate)
                    + endpoint("near", "allowFrom: [192.0.2.0/24, 127.0.0.0/8]")
                    + endpoint("far", "allowFrom: [192.0.2.0/24, \"2001:db8::/32\"]")
                    + endpoint("six", "allowFrom: [\"::/0\"]")
                    + endpoint("small", "maxBodyBytes: 1024")
                    + endpoint("large", "maxBodyBytes: " + LARGEST),
                this::everyNodeKnowsTheEndpoints));
  }

  private boolean everyNodeKnowsTheEndpoints() {
    return running.rig().ingresses().stream()
        .allMatch(node ->
            send(Protocol.HTTP_1, node, "near", Content.EVENT).status().equals(Optional.of(200)));
  }

  @AfterAll
  void restore() throws IOException {
    if (documents.isPresent()) {
      documents.get().close();
    }
  }

  static Stream<Arguments> bothNodes() {
    return Stream.of(
        Arguments.of(Protocol.HTTP_1, "rate-1"), Arguments.of(Protocol.HTTP_2, "rate-2"));
  }

  @ParameterizedTest
  @MethodSource("bothNodes")
  void burstExceeded_isRefusedWithoutAskingTheProcessor(Protocol protocol, String name)
      throws IOException {
    for (Rig.Ingress node : running.rig().ingresses()) {
      double before = requestsOf(node);
      List<Outcome> outcomes = new ArrayList<>();
      for (int i = 0; i < 2 * BURST; i++) {
        outcomes.add(send(protocol, node, name, Content.EVENT));
      }
      assertThat(outcomes.subList(0, BURST))
          .allSatisfy(outcome -> assertThat(outcome.status()).as("%s", outcome).hasValue(200));
      assertThat(outcomes.subList(BURST, 2 * BURST))
          .allSatisfy(outcome -> {
            assertThat(outcome.status()).as("%s", outcome).hasValue(429);
            assertThat(outcome.problemCode()).hasValue("rate_limited");
            assertThat(Field.values(((Outcome.Answered) outcome).headers(), "retry-after"))
                .containsExactly("10");
          });
      assertThat(requestsOf(node) - before).isEqualTo(BURST);
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void sourceOutsideTheNetworks_isRefusedWithoutAskingTheProcessor(Protocol protocol)
      throws IOException {
    for (Rig.Ingress node : running.rig().ingresses()) {
      double before = requestsOf(node);
      for (String name : List.of("far", "six")) {
        String checkId = CheckSuite.newCheckId();
        Outcome outcome =
            running.send(
                protocol,
                node,
                ZEN,
                request(node, name, Content.EVENT, checkId)
                    .plus("X-Forwarded-For", "192.0.2.1, 2001:db8::1")
                    .plus("Forwarded", "for=192.0.2.1"));
        assertThat(outcome.status()).as("%s", outcome).hasValue(403);
        assertThat(outcome.problemCode()).hasValue("source_not_allowed");
        assertThat(running.arrived(checkId)).isEmpty();
      }
      assertThat(requestsOf(node)).isEqualTo(before);
      assertThat(send(protocol, node, "near", Content.EVENT).status()).hasValue(200);
    }
  }

  static Stream<Arguments> everySize() {
    List<Arguments> all = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (Framing framing : List.of(Framing.CONTENT_LENGTH, Framing.CHUNKED)) {
        for (int size : List.of(1024, 1025, LARGEST)) {
          all.add(Arguments.of(protocol, framing, "small", size, size <= 1024));
        }
        // Up to Envoy's own buffer, and beyond it.
        for (int size : List.of(LARGEST, LARGEST + 1, 4 * 1024 * 1024 + 1)) {
          all.add(Arguments.of(protocol, framing, "large", size, size <= LARGEST));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("everySize")
  void E09_bodyAroundTheEndpointsOwnLimit_isAcceptedOrRefused(
      Protocol protocol, Framing framing, String name, int size, boolean fits) {
    String checkId = CheckSuite.newCheckId();
    WireRequest request =
        request(running.first(), name, Content.zeros(size), checkId).framed(framing, List.of());

    Outcome outcome = running.send(protocol, running.first(), ZEN, request);

    assertThat(outcome.status()).as("%s", outcome).hasValue(fits ? 200 : 413);
    assertThat(outcome.problemCode())
        .isEqualTo(fits ? Optional.empty() : Optional.of("body_too_large"));
    assertThat(running.arrived(checkId)).hasSize(fits ? 1 : 0);
  }

  @Test
  void E09_announcedBodyOverTheLimit_isRefusedBeforeAByteOfItIsSent() throws IOException {
    WireRequest request =
        request(running.first(), "small", Content.zeros(1025), CheckSuite.newCheckId());
    byte[] all = RawHttp1.render(request).toByteArray();
    try (Http1Conversation conversation =
        running.http1().open(running.first().port(), running.rig().source(ZEN).host())) {
      conversation.write(Arrays.copyOf(all, all.length - 1025));
      Outcome outcome = conversation.answer();
      assertThat(outcome.status()).as("%s", outcome).hasValue(413);
      assertThat(outcome.problemCode()).hasValue("body_too_large");
    }
  }

  private Outcome send(Protocol protocol, Rig.Ingress node, String name, Content content) {
    WireRequest request = request(node, name, content, CheckSuite.newCheckId());
    return running.send(protocol, node, ZEN, request);
  }

  private WireRequest request(Rig.Ingress node, String name, Content content, String checkId) {
    String path = "/acme/" + name;
    WireRequest signed =
        running.compose(Draft.correct(ZEN).with(content).signedAt(path), node, checkId);
    return signed.to(signed.authority(), path);
  }

  /** How many requests the processor beside a node has decided on. */
  private double requestsOf(Rig.Ingress node) throws IOException {
    String metrics = running.mesh().processor(node.node()).get("/metrics").body();
    Matcher line = REQUESTS.matcher(metrics);
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return sum;
  }
}
