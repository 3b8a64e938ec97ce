package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
  private static final String PASSPHRASE = "a-long-passphrase";
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
    return post(key, path, value.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse<String> post(String key, String path, byte[] value) {
    HttpRequest.Builder request =
        api.request("POST", ACME + path, Optional.empty())
            .method("POST", BodyPublishers.ofByteArray(value))
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
  void rotationThatCouldNotBeRecorded_changedNothing_andIsDoneUnderTheSameKey() {
    put("unrecorded");
    String before = get("/secrets/unrecorded");
    api.decisions.fullFor = "secret.rotate";
    try {
      assertProblem(
          post("f-1", "/secrets/unrecorded/rotate?overlap=1h", "value-two-2"),
          503,
          "audit_unavailable");
    } finally {
      api.decisions.fullFor = "";
    }
    assertThat(get("/secrets/unrecorded")).isEqualTo(before);
    HttpResponse<String> again =
        post("f-1", "/secrets/unrecorded/rotate?overlap=1h", "value-two-2");
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(get("/secrets/unrecorded")).isNotEqualTo(before);
  }

  @Test
  void endsOfAVersion_repeated_areAnsweredAlikeAndDoneOnce() {
    long first = put("ended");
    long second = version(post("e-0", "/secrets/ended/rotate?overlap=1h", "value-two-2"));
    assertThat(version(post("e-1", "/secrets/ended/rotate?overlap=1h", "value-three-3")))
        .isGreaterThan(second);
    assertDoneOnce("secret.retire", "/secrets/ended/versions/" + first + "/retire", new byte[0]);
    assertDoneOnce("secret.revoke", "/secrets/ended/versions/" + second + "/revoke", new byte[0]);
    assertDoneOnce("secret.destroy", "/secrets/ended/versions/" + second + "/destroy", new byte[0]);
  }

  @Test
  void restoredBackup_repeated_isAnsweredAlikeAndDoneOnce() {
    byte[] backup = backupOfAnotherTenant();
    byte[] passphrase = PASSPHRASE.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer body = ByteBuffer.allocate(2 + passphrase.length + backup.length);
    body.putShort((short) passphrase.length).put(passphrase).put(backup);
    assertThat(get("/secrets")).doesNotContain("carried");
    assertDoneOnce("secret.import", "/backups/import?anyOrigin=true", body.array());
    assertThat(get("/secrets")).contains("carried");
  }

  private static byte[] backupOfAnotherTenant() {
    assertThat(api.operator("PUT", "/v1/tenants/elsewhere").statusCode()).isEqualTo(201);
    HttpRequest.Builder secret =
        bytes("PUT", "/v1/tenants/elsewhere/secrets/carried", "value-one-1");
    HttpRequest.Builder export = bytes("POST", "/v1/tenants/elsewhere/backups/export", PASSPHRASE);
    try (var operator = api.certificate("/operator/backups")) {
      assertThat(api.send(operator, secret).statusCode()).isEqualTo(200);
      HttpResponse<byte[]> sealed = operator.send(export.build(), BodyHandlers.ofByteArray());
      assertThat(sealed.statusCode()).isEqualTo(201);
      return sealed.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static HttpRequest.Builder bytes(String method, String path, String value) {
    return api.request(method, path, Optional.empty())
        .method(method, BodyPublishers.ofString(value))
        .header("Content-Type", "application/octet-stream");
  }

  /** Without the key the second one would be on record too: as done, or as refused. */
  private static void assertDoneOnce(String action, String path, byte[] body) {
    HttpResponse<String> first = post(action, path, body);
    assertThat(first.statusCode()).as(action + first.body()).isEqualTo(200);
    String secrets = get("/secrets");
    long recorded = recorded(action);
    HttpResponse<String> again = post(action, path, body);
    assertThat(again.statusCode()).as(action).isEqualTo(200);
    assertThat(again.body()).as(action).isEqualTo(first.body());
    assertThat(get("/secrets")).as(action).isEqualTo(secrets);
    assertThat(recorded(action)).as(action).isEqualTo(recorded).isPositive();
    assertThat(post(action + "-other", path, body).statusCode()).as(action).isPositive();
    assertThat(recorded(action)).as(action + " under another key").isGreaterThan(recorded);
  }

  private static long recorded(String action) {
    return api.decisions.events.stream().filter(it -> it.action().equals(action)).count();
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

  private static long put(String name) {
    HttpRequest.Builder request =
        api.request("PUT", ACME + "/secrets/" + name, Optional.empty())
            .method("PUT", BodyPublishers.ofString("value-one-1"))
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", "Bearer " + token);
    return version(api.sendAnonymously(request));
  }

  private static long version(HttpResponse<String> changed) {
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
    return ApiJson.MAPPER.readTree(changed.body()).path("version").asLong();
  }
}
