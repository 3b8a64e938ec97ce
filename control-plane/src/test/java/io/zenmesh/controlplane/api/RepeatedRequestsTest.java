package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is done once under an Idempotency-Key, on a real database. */
@ExtendWith(PostgresExtension.class)
class RepeatedRequestsTest {
  private static final String ACME = "/v1/tenants/acme";

  @TempDir static Path folder;
  private static TestApi api;
  private static String token = "";

  @BeforeAll
  static void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    token = api.token("acme", Role.ADMIN);
  }

  @AfterAll
  static void end() {
    api.close();
  }

  private static HttpResponse<String> post(String key, String path, String value) {
    HttpRequest.Builder request =
        api.request("POST", ACME + path, Optional.empty())
            .method("POST", BodyPublishers.ofString(value))
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", "Bearer " + token)
            .header("Idempotency-Key", key);
    return api.sendAnonymously(request);
  }

  private static String get(String path) {
    return api.with(token, "GET", ACME + path).body();
  }

  private static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains("\"code\":\"" + code + "\"");
  }

  @Test
  void rotation_repeated_isAnsweredAlikeAndDoneOnce() {
    put("repeated");
    HttpResponse<String> first = post("r-1", "/secrets/repeated/rotate?overlap=1h", "value-two-2");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    String secrets = get("/secrets");
    HttpResponse<String> again = post("r-1", "/secrets/repeated/rotate?overlap=1h", "value-two-2");
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(get("/secrets")).isEqualTo(secrets);
  }

  @Test
  void otherRequest_underTheSameKey_changesNothing() {
    put("one");
    put("two");
    assertThat(post("o-1", "/secrets/one/rotate?overlap=1h", "value-two-2").statusCode())
        .isEqualTo(200);
    String secrets = get("/secrets");
    String code = "idempotency_key_reused";
    assertProblem(post("o-1", "/secrets/two/rotate?overlap=1h", "value-two-2"), 422, code);
    assertProblem(post("o-1", "/secrets/one/rotate?overlap=2h", "value-two-2"), 422, code);
    assertProblem(post("o-1", "/secrets/one/rotate", "value-two-2"), 422, code);
    assertProblem(post("o-1", "/secrets/one/rotate?overlap=1h", "value-two-3"), 422, code);
    assertProblem(post("o-1", "/root/rotate", ""), 422, code);
    assertThat(get("/secrets")).isEqualTo(secrets);
  }

  @Test
  void issuedKey_repeated_isNotShownAgainAndNotMadeAgain() {
    HttpResponse<String> issued = post("k-1", "/keys/edge-local/ingress", "");
    assertThat(issued.statusCode()).as(issued.body()).isEqualTo(201);
    String keys = get("/keys");
    HttpResponse<String> again = post("k-1", "/keys/edge-local/ingress", "");
    assertProblem(again, 409, "answer_not_kept");
    assertThat(again.body())
        .contains(issued.headers().firstValue("X-Zen-Key-Id").orElseThrow())
        .doesNotContain("zenk1_");
    assertThat(get("/keys")).isEqualTo(keys);
  }

  @Test
  void rootRotation_repeated_isDoneOnce() {
    HttpResponse<String> first = post("root-1", "/root/rotate", "");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(post("root-1", "/root/rotate", "").body()).isEqualTo(first.body());
    assertThat(post("root-2", "/root/rotate", "").body()).isNotEqualTo(first.body());
  }

  @Test
  void kekRotation_ofNoTenant_repeated_isDoneOnce() {
    HttpResponse<String> first = rotateKek("kek-1");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    String keks = api.operator("GET", "/v1/keks").body();
    assertThat(rotateKek("kek-1").body()).isEqualTo(first.body());
    assertThat(api.operator("GET", "/v1/keks").body()).isEqualTo(keks);
    assertThat(rotateKek("kek-2").body()).isNotEqualTo(first.body());
  }

  private static HttpResponse<String> rotateKek(String key) {
    try (var operator = api.certificate("/operator/keys")) {
      return api.send(
          operator,
          api.request("POST", "/v1/keks/rotate", Optional.empty()).header("Idempotency-Key", key));
    }
  }

  private static void put(String name) {
    HttpRequest.Builder request =
        api.request("PUT", ACME + "/secrets/" + name, Optional.empty())
            .method("PUT", BodyPublishers.ofString("value-one-1"))
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", "Bearer " + token);
    assertThat(api.sendAnonymously(request).statusCode()).isEqualTo(200);
  }
}
