package io.zenmesh.e2e.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.e2e.harness.PemIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One id from Envoy over the verdict and the delivery to the tenant's record. */
@ExtendWith(SharedMesh.class)
class ReceiptIT {
  private static final String ZEN = "acme/zen";
  private static final Duration RECORDED = Duration.ofSeconds(20);
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  private final RunningMesh running;

  ReceiptIT(RunningMesh running) {
    this.running = running;
  }

  private Outcome.Answered send(Draft draft, String checkId) {
    WireRequest request = running.compose(draft, running.first(), checkId);
    return (Outcome.Answered) running.send(Protocol.HTTP_1, running.first(), ZEN, request);
  }

  /** What the API has under an id, once it has something with a proof. */
  private JsonNode evidence(String correlation) {
    return Eventually.get(
        "evidence of " + correlation,
        RECORDED,
        () -> {
          HttpResponse<String> answer = get("/v1/evidence/" + correlation + "?tenant=acme");
          JsonNode found = new JsonMapper().readTree(answer.body());
          return answer.statusCode() == 200 && found.path("entries").path(0).has("proof")
              ? Found.value(found)
              : Found.instead(answer.statusCode() + " " + answer.body());
        });
  }

  private HttpResponse<String> get(String path) throws IOException {
    return asked(path, request -> request);
  }

  private HttpResponse<String> asked(String path, UnaryOperator<HttpRequest.Builder> how)
      throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(PemIdentity.mutualTls(running.mesh().files().operator()))
            .build()) {
      return client.send(
          how.apply(
                  HttpRequest.newBuilder(
                      URI.create("https://" + running.mesh().controlPlane().api() + path)))
              .timeout(Duration.ofSeconds(15))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Test
  void acceptedMessage_isOnRecordUnderTheIdThatTheTargetGot_whateverTheSenderSays() {
    String checkId = CheckSuite.newCheckId();
    String forged = "somebody-elses-id";
    Draft draft = Draft.correct(ZEN).then(request -> request.plus("X-Request-Id", forged));
    assertThat(send(draft, checkId).code()).isEqualTo(200);
    var arrived = running.arrived(checkId).getFirst();
    assertThat(arrived.header("x-request-id")).hasSize(1);
    String id = arrived.header("x-request-id").getFirst();
    assertThat(id).matches(UUID);

    JsonNode entries = evidence(id).path("entries");
    assertThat(entries.size()).isEqualTo(1);
    JsonNode entry = entries.path(0).path("entry");
    assertThat(entry.path("action").asString()).isEqualTo("message.verify");
    assertThat(entry.path("outcome").asString()).isEqualTo("allowed");
    assertThat(entry.path("actor").asString())
        .isEqualTo("/cluster/edge-local/extproc/" + running.first().node());
    assertThat(entry.path("object").asString())
        .startsWith("message/acme/zen/")
        .endsWith("/" + arrived.header("x-zen-event-id").getFirst());
  }

  @Test
  void secretThatWasPut_isOnRecordUnderTheIdOfItsRequest() throws IOException {
    String id = "put-" + CheckSuite.newCheckId();
    HttpResponse<String> put =
        asked(
            "/v1/tenants/acme/secrets/put-under-an-id",
            request ->
                request
                    .header("X-Request-Id", id)
                    .header("Content-Type", "application/octet-stream")
                    .PUT(HttpRequest.BodyPublishers.ofString("a-long-enough-value-5d1c")));
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    assertThat(evidence(id).path("entries").valueStream())
        .extracting(it -> it.path("entry").path("action").asString())
        .contains("secret.put");
  }

  @Test
  void refusedMessage_isOnRecordUnderTheIdOfItsAnswer() {
    Outcome.Answered refused =
        send(
            Draft.correct(ZEN)
                .then(request -> request.withBody(ByteString.copyFromUtf8("{\"order\":2}"))),
            CheckSuite.newCheckId());
    assertThat(refused.code()).isEqualTo(401);
    String id =
        new JsonMapper().readTree(refused.body().toStringUtf8()).path("correlationId").asString();
    assertThat(id).matches(UUID);

    JsonNode entry = evidence(id).path("entries").path(0).path("entry");
    assertThat(entry.path("outcome").asString()).isEqualTo("denied");
    assertThat(entry.path("reason").asString()).isEqualTo("signature_mismatch");
    assertThat(entry.path("correlation").asString()).isEqualTo(id);
  }
}
