package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every list of the contract page by page, and everything that can be changed by its version. */
@ExtendWith(PostgresExtension.class)
class ListedAndVersionedTest {
  @TempDir private static Path folder;
  private static TestApi api;

  @BeforeAll
  static void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    for (Role role : List.of(Role.OWNER, Role.VIEWER)) {
      api.token("acme", role);
      api.token("globex", role);
    }
    for (String tenant : List.of("acme", "globex")) {
      for (String purpose : List.of("ingress", "egress")) {
        assertThat(
                api.operator("POST", "/v1/tenants/" + tenant + "/keys/edge-local/" + purpose)
                    .statusCode())
            .isEqualTo(201);
      }
      put(tenant, "first");
      put(tenant, "second");
    }
  }

  private static void put(String tenant, String name) {
    assertThat(send(secret("/v1/tenants/" + tenant + "/secrets/" + name, Map.of())).statusCode())
        .isEqualTo(200);
  }

  @AfterAll
  static void end() {
    api.close();
  }

  private static HttpRequest.Builder secret(String path, Map<String, String> headers) {
    HttpRequest.Builder request =
        api.request("PUT", path, Optional.empty())
            .method("PUT", BodyPublishers.ofString("a-long-enough-value-3f9c"))
            .header("Content-Type", "application/octet-stream");
    headers.forEach(request::header);
    return request;
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try (var operator = api.certificate("/operator/lists")) {
      return api.send(operator, request);
    }
  }

  private static List<ApiOperation> lists() {
    return ApiContract.bundled().operations().stream()
        .filter(it -> it.id().startsWith("list"))
        .filter(list -> list.parameters().stream().anyMatch(it -> it.name().equals("cursor")))
        .toList();
  }

  private static String path(ApiOperation list, String tenant) {
    return list.path().replace("{tenant}", tenant);
  }

  private static JsonNode page(String path) {
    HttpResponse<String> response = api.operator("GET", path);
    assertThat(response.statusCode()).as(path + response.body()).isEqualTo(200);
    return ApiJson.MAPPER.readTree(response.body());
  }

  private static void assertRefused(String path) {
    HttpResponse<String> response = api.operator("GET", path);
    assertThat(response.statusCode()).as(path).isEqualTo(400);
    assertThat(response.body()).as(path).contains("\"code\":\"cursor_invalid\"");
  }

  /** The first character in another case or of another value: the tag is not ours any more. */
  private static String changed(String cursor) {
    return (cursor.charAt(0) == 'A' ? 'B' : 'A') + cursor.substring(1);
  }

  @Test
  void H05_lists_goOnWhereTheyEnded_andTakeTheirOwnCursorsOnly() {
    Map<String, String> next = new TreeMap<>();
    for (ApiOperation list : lists()) {
      JsonNode whole = page(path(list, "acme") + "?limit=200").path("items");
      List<JsonNode> walked = new ArrayList<>();
      Optional<String> cursor = Optional.empty();
      do {
        JsonNode page =
            page(path(list, "acme") + "?limit=1" + cursor.map(it -> "&cursor=" + it).orElse(""));
        page.path("items").forEach(walked::add);
        assertThat(page.path("items").size()).as(list.id()).isLessThanOrEqualTo(1);
        cursor = Optional.ofNullable(page.get("next")).map(JsonNode::asString);
        cursor.ifPresent(it -> next.putIfAbsent(list.id(), it));
      } while (cursor.isPresent());
      assertThat(walked).as(list.id()).containsExactlyElementsOf(whole);
    }
    assertThat(next)
        .containsKeys("listTenants", "listPrincipals", "listTokens", "listSecrets", "listKeys");
    for (ApiOperation list : lists()) {
      next.forEach((from, cursor) -> {
        if (!from.equals(list.id())) {
          assertRefused(path(list, "acme") + "?cursor=" + cursor);
        } else {
          assertRefused(path(list, "acme") + "?cursor=" + changed(cursor));
          if (list.ofTenant()) {
            assertRefused(path(list, "globex") + "?cursor=" + cursor);
          }
        }
      });
      assertRefused(path(list, "acme") + "?cursor=AAAA");
    }
  }

  private static List<String> versioned() {
    return List.of(
        "principals/test-viewer", "secrets/first", "endpoints/zen", "destinations/target");
  }

  @ParameterizedTest
  @MethodSource("versioned")
  void shown_hasAVersion_thatOnlyItsOwnContentHas(String what) {
    String mine = "/v1/tenants/acme/" + what;
    HttpResponse<String> shown = api.operator("GET", mine);
    assertThat(shown.headers().firstValue("ETag")).as(mine).isPresent();
    assertThat(api.operator("GET", mine).headers().firstValue("ETag"))
        .isEqualTo(shown.headers().firstValue("ETag"));
  }

  private static String tag(String path) {
    return api.operator("GET", path).headers().firstValue("ETag").orElseThrow();
  }

  private static void assertUnexpected(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(412);
    assertThat(response.body()).contains("\"code\":\"precondition_failed\"");
  }

  private static HttpResponse<String> principal(String method, String role, String... headers) {
    HttpRequest.Builder request =
        api.request(
            method,
            "/v1/tenants/acme/principals/versioned",
            Optional.of("{\"role\":\"" + role + "\"}").filter(it -> method.equals("PUT")));
    request.headers(headers);
    return send(request);
  }

  @Test
  void principal_isChangedByItsVersion() {
    String path = "/v1/tenants/acme/principals/versioned";
    assertUnexpected(principal("PUT", "viewer", "If-Match", "*"));
    assertThat(principal("PUT", "viewer", "If-None-Match", "*").statusCode()).isEqualTo(201);
    assertUnexpected(principal("PUT", "viewer", "If-None-Match", "*"));
    String first = tag(path);
    assertThat(principal("PUT", "editor", "If-Match", first).statusCode()).isEqualTo(200);
    assertUnexpected(principal("PUT", "admin", "If-Match", first));
    assertUnexpected(principal("DELETE", "", "If-Match", first));
    assertThat(api.operator("GET", path).body()).contains("editor");
    assertThat(principal("DELETE", "", "If-Match", tag(path)).statusCode()).isEqualTo(204);
  }

  @Test
  void token_isRevokedByItsVersion() {
    HttpResponse<String> made =
        api.operator(
            "POST",
            "/v1/tenants/acme/tokens",
            "{\"principal\":\"test-viewer\",\"lifeSeconds\":60}");
    String path =
        "/v1/tenants/acme/tokens/" + ApiJson.MAPPER.readTree(made.body()).path("id").asString();
    String first = tag(path);
    assertUnexpected(
        send(api.request("DELETE", path, Optional.empty()).header("If-Match", "\"x\"")));
    assertThat(
            send(api.request("DELETE", path, Optional.empty()).header("If-Match", first))
                .statusCode())
        .isEqualTo(204);
    assertUnexpected(send(api.request("DELETE", path, Optional.empty()).header("If-Match", first)));
  }

  @Test
  void secret_isPutByItsVersion() {
    String path = "/v1/tenants/acme/secrets/versioned";
    assertUnexpected(send(secret(path, Map.of("If-Match", "*"))));
    assertThat(api.operator("GET", path).statusCode()).isEqualTo(404);
    assertThat(send(secret(path, Map.of("If-None-Match", "*"))).statusCode()).isEqualTo(200);
    assertUnexpected(send(secret(path, Map.of("If-None-Match", "*"))));
    String first = tag(path);
    assertThat(send(secret(path, Map.of("If-Match", first))).statusCode()).isEqualTo(200);
    String second = api.operator("GET", path).body();
    assertUnexpected(send(secret(path, Map.of("If-Match", first))));
    assertThat(api.operator("GET", path).body()).isEqualTo(second);
  }
}
