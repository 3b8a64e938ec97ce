package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(PostgresExtension.class)
class PrincipalRoutesTest {
  private static final String PRINCIPALS = "/v1/tenants/acme/principals";
  private static final String TOKENS = "/v1/tenants/acme/tokens";

  @TempDir Path folder;
  private TestApi api;

  @BeforeEach
  void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
  }

  @AfterEach
  void end() {
    api.close();
  }

  private static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains("\"code\":\"" + code + "\"");
  }

  private static JsonNode json(HttpResponse<String> response) {
    return ApiJson.MAPPER.readTree(response.body());
  }

  @Test
  void operatorMakesTheFirstOwner_whoGoesOnByToken() {
    assertThat(api.operator("PUT", PRINCIPALS + "/alice", "{\"role\":\"owner\"}").statusCode())
        .isEqualTo(201);
    HttpResponse<String> made =
        api.operator("POST", TOKENS, "{\"principal\":\"alice\",\"lifeSeconds\":3600}");
    assertThat(made.statusCode()).isEqualTo(201);
    String token = json(made).path("token").asString();

    HttpResponse<String> listed = api.with(token, "GET", PRINCIPALS);
    assertThat(listed.body()).isEqualTo("{\"items\":[{\"name\":\"alice\",\"role\":\"owner\"}]}");
    String id = json(made).path("id").asString();
    HttpResponse<String> shown = api.with(token, "GET", TOKENS + "/" + id);
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(shown.body()).contains(id).doesNotContain("zent_");

    assertThat(api.with(token, "DELETE", TOKENS + "/" + id).statusCode()).isEqualTo(204);
    assertProblem(api.with(token, "GET", PRINCIPALS), 401, "unauthenticated");
  }

  @Test
  void expiredToken_isRefused() {
    String token = api.token("acme", Role.OWNER);
    assertThat(api.with(token, "GET", PRINCIPALS).statusCode()).isEqualTo(200);
    api.now = api.now.plus(Duration.ofHours(2));
    assertProblem(api.with(token, "GET", PRINCIPALS), 401, "unauthenticated");
    assertThat(api.decisions.lines().getLast())
        .isEqualTo("api.authenticate operation/listPrincipals DENIED token_expired");
  }

  @Test
  void badToken_isNotMadeGoodByACertificate() {
    try (HttpClient operator = api.certificate("/operator/other")) {
      assertProblem(
          api.send(
              operator,
              api.request("GET", PRINCIPALS, Optional.empty())
                  .header("Authorization", "Bearer zent_acme.0000000000000000.nonsense")),
          401,
          "unauthenticated");
    }
  }

  @Test
  void principalByCertificate_actsWithItsRole() {
    String id = "spiffe://zen.test/tenant/acme/ci";
    api.operator("PUT", PRINCIPALS + "/ci", "{\"role\":\"admin\",\"spiffeId\":\"" + id + "\"}");
    try (HttpClient ci = api.certificate("/tenant/acme/ci");
        HttpClient unknown = api.certificate("/tenant/acme/cd");
        HttpClient foreign = api.certificate("/tenant/globex/ci")) {
      assertThat(api.send(ci, api.request("GET", PRINCIPALS, Optional.empty())).statusCode())
          .isEqualTo(200);
      assertProblem(
          api.send(ci, api.request("GET", "/v1/tenants/globex/principals", Optional.empty())),
          404,
          "not_found");
      for (HttpClient client : List.of(unknown, foreign)) {
        assertProblem(
            api.send(client, api.request("GET", PRINCIPALS, Optional.empty())),
            401,
            "unauthenticated");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://zen.test/tenant/globex/ci",
        "spiffe://other.test/tenant/acme/ci",
        "spiffe://zen.test/operator/admin",
        "spiffe://zen.test/tenant/acme"
      })
  void spiffeIdOfAnother_isRefused(String id) {
    assertProblem(
        api.operator("PUT", PRINCIPALS + "/ci", "{\"role\":\"admin\",\"spiffeId\":\"" + id + "\"}"),
        400,
        "body_malformed");
  }

  @Test
  void nobody_givesOrTakesARoleAboveTheirOwn() {
    String admin = api.token("acme", Role.ADMIN);
    String owner = api.token("acme", Role.OWNER);
    assertProblem(
        api.with(admin, "PUT", PRINCIPALS + "/mallory", "{\"role\":\"owner\"}"),
        403,
        "role_not_allowed");
    assertProblem(
        api.with(admin, "PUT", PRINCIPALS + "/test-owner", "{\"role\":\"viewer\"}"),
        403,
        "role_not_allowed");
    assertProblem(api.with(admin, "DELETE", PRINCIPALS + "/test-owner"), 403, "role_not_allowed");
    assertProblem(
        api.with(admin, "POST", TOKENS, "{\"principal\":\"test-owner\",\"lifeSeconds\":60}"),
        403,
        "role_not_allowed");
    assertProblem(
        api.with(admin, "DELETE", TOKENS + "/" + owner.split("\\.", -1)[1]),
        403,
        "role_not_allowed");
    assertProblem(
        api.with(
            owner,
            "POST",
            TOKENS,
            "{\"principal\":\"test-admin\",\"role\":\"owner\",\"lifeSeconds\":60}"),
        403,
        "role_not_allowed");
    assertThat(api.with(admin, "PUT", PRINCIPALS + "/bob", "{\"role\":\"editor\"}").statusCode())
        .isEqualTo(201);
    assertProblem(api.with(api.token("acme", Role.EDITOR), "GET", TOKENS), 403, "role_not_allowed");
    assertProblem(
        api.with(api.token("acme", Role.VIEWER), "GET", PRINCIPALS), 403, "role_not_allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"role\":\"owner\",\"tenant\":\"globex\"}",
        "{\"role\":\"owner\",\"name\":\"root\"}",
        "{\"role\":\"operator\"}",
        "{\"role\":\"owner\",\"role\":\"viewer\"}",
        "{\"role\":null}",
        "{}",
        "[]",
        "null",
        "{\"role\":\"owner\"} {}",
        "{\"role\":\"owner\",\"@class\":\"java.net.URL\"}"
      })
  void H02_fieldsThatNobodyMaySet_areRefused(String body) {
    assertProblem(api.operator("PUT", PRINCIPALS + "/ci", body), 400, "body_malformed");
    assertProblem(api.operator("GET", PRINCIPALS + "/ci"), 404, "not_found");
  }

  @Test
  void H05_cursor_isOfItsListAndTenantOnly() {
    for (String tenant : List.of("acme", "globex")) {
      for (String name : List.of("a", "b", "c")) {
        api.operator(
            "PUT", "/v1/tenants/" + tenant + "/principals/" + name, "{\"role\":\"viewer\"}");
      }
    }
    JsonNode first = json(api.operator("GET", PRINCIPALS + "?limit=2"));
    String cursor = first.path("next").asString();
    assertThat(first.path("items").size()).isEqualTo(2);
    HttpResponse<String> rest = api.operator("GET", PRINCIPALS + "?limit=2&cursor=" + cursor);
    assertThat(rest.body()).isEqualTo("{\"items\":[{\"name\":\"c\",\"role\":\"viewer\"}]}");

    assertProblem(
        api.operator("GET", "/v1/tenants/globex/principals?cursor=" + cursor),
        400,
        "cursor_invalid");
    assertProblem(api.operator("GET", TOKENS + "?cursor=" + cursor), 400, "cursor_invalid");
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < cursor.length(); i++) {
      char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
      String changed = cursor.substring(0, i) + other + cursor.substring(i + 1);
      if (api.operator("GET", PRINCIPALS + "?cursor=" + changed).statusCode() != 400) {
        taken.add(changed);
      }
    }
    // The last letter holds bits that mean nothing: they decode to the same cursor.
    assertThat(taken)
        .allSatisfy(it -> assertThat(it).startsWith(cursor.substring(0, cursor.length() - 1)));
    assertProblem(api.operator("GET", PRINCIPALS + "?limit=0"), 400, "parameter_invalid");
    assertProblem(api.operator("GET", PRINCIPALS + "?limit=201"), 400, "parameter_invalid");
  }

  @Test
  void changes_areOnTheTenantsRecordBeforeTheyTakeEffect() {
    api.operator("PUT", PRINCIPALS + "/ci", "{\"role\":\"editor\"}");
    assertThat(api.decisions.events.getLast().chain().value()).isEqualTo("acme");
    assertThat(api.decisions.lines().getLast()).isEqualTo("principal.put principal/acme/ci DONE");
    api.decisions.full = true;
    assertProblem(
        api.operator("PUT", PRINCIPALS + "/cd", "{\"role\":\"editor\"}"), 503, "audit_unavailable");
    api.decisions.full = false;
    assertProblem(api.operator("GET", PRINCIPALS + "/cd"), 404, "not_found");
  }

  @Test
  void D16_notThereAndNotYours_areTheSameBytes() {
    String acme = api.token("acme", Role.OWNER);
    String globexToken = api.token("globex", Role.OWNER).split("\\.", -1)[1];
    String absent = api.with(acme, "GET", TOKENS + "/0000000000000000").body();
    for (String path :
        List.of(
            TOKENS + "/" + globexToken,
            "/v1/tenants/globex/tokens/" + globexToken,
            "/v1/tenants/globex/tokens/0000000000000000",
            "/v1/tenants/nobody/tokens/0000000000000000",
            "/v1/tenants/globex/principals/test-owner",
            "/v1/tenants/NO%20NAME/principals/x",
            "/v1/tenants/acme/principals/%41",
            "/v1/nothing")) {
      HttpResponse<String> response = api.with(acme, "GET", path);
      assertThat(response.statusCode()).as(path).isEqualTo(404);
      assertThat(response.body()).as(path).isEqualTo(absent);
    }
    assertProblem(api.operator("GET", "/v1/tenants/nobody/principals"), 404, "not_found");
  }

  private HttpResponse<String> create(String key, String body) {
    return api.send(
        api.anonymous(),
        api.request("POST", TOKENS, Optional.of(body))
            .header("Authorization", "Bearer " + owner)
            .header("Idempotency-Key", key));
  }

  private String owner = "";

  @Test
  void idempotencyKey_makesOneTokenAndShowsItOnce() {
    owner = api.token("acme", Role.OWNER);
    String body = "{\"principal\":\"test-owner\",\"lifeSeconds\":60}";
    HttpResponse<String> made = create("key-1", body);
    assertThat(made.statusCode()).isEqualTo(201);
    HttpResponse<String> again = create("key-1", body);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).contains(json(made).path("id").asString()).doesNotContain("zent_");
    assertProblem(create("key-1", body.replace("60", "61")), 422, "idempotency_key_reused");
    assertThat(create("key-2", body).statusCode()).isEqualTo(201);
    assertThat(json(api.with(owner, "GET", TOKENS)).path("items").size()).isEqualTo(3);
    api.now = api.now.plus(Duration.ofMinutes(59));
    assertThat(create("key-1", body).statusCode()).isEqualTo(200);
  }

  @Test
  void idempotencyKey_isOneCallersOnly() {
    String body = "{\"principal\":\"test-viewer\",\"lifeSeconds\":60}";
    api.token("acme", Role.VIEWER);
    owner = api.token("acme", Role.OWNER);
    assertThat(create("key-1", body).statusCode()).isEqualTo(201);
    owner = api.token("acme", Role.ADMIN);
    assertThat(create("key-1", body).statusCode()).isEqualTo(201);
  }
}
