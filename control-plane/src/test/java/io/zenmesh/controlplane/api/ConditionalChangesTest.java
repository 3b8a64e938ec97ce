package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every PUT and DELETE of the contract on something that is there: its version is shown beside it
 * and holds the change. What is there is found through the list above it, so that a new route
 * without either fails here.
 */
@ExtendWith(PostgresExtension.class)
class ConditionalChangesTest {
  private static final String VALUE = "a-long-enough-value-3f9c";

  @TempDir private static Path folder;
  private static TestApi api;

  @BeforeAll
  static void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    // Two, for with a principal its tokens go.
    api.token("acme", Role.OWNER);
    api.token("acme", Role.VIEWER);
    assertThat(
            send("PUT", "/v1/tenants/acme/secrets/partner", Optional.of(VALUE), "If-None-Match")
                .statusCode())
        .isEqualTo(200);
  }

  @AfterAll
  static void end() {
    api.close();
  }

  /** A condition of {@code *} where no other is given. */
  private static HttpResponse<String> send(
      String method, String path, Optional<String> body, String header, String... condition) {
    HttpRequest.Builder request =
        api.request(method, path, Optional.empty())
            .method(method, body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody))
            .header(header, List.of(condition).stream().findFirst().orElse("*"));
    body.ifPresent(it ->
        request.header(
            "Content-Type", it.equals(VALUE) ? "application/octet-stream" : "application/json"));
    try (var operator = api.certificate("/operator/changes")) {
      return api.send(operator, request);
    }
  }

  private static List<ApiOperation> changes(String method) {
    return ApiContract.bundled().operations().stream()
        .filter(it -> it.method().equals(method))
        .toList();
  }

  private static List<String> puts() {
    return changes("PUT").stream().map(ApiOperation::path).toList();
  }

  private static List<String> deletes() {
    return changes("DELETE").stream().map(ApiOperation::path).toList();
  }

  /** The first of the list above, of a tenant that has one. */
  private static String existing(String template) {
    String list = template.substring(0, template.lastIndexOf('/'));
    return Stream.of("acme", "system")
        .map(tenant -> list.replace("{tenant}", tenant))
        .flatMap(path -> first(path).map(name -> path + "/" + name).stream())
        .findFirst()
        .orElseThrow(() -> new AssertionError(template + ": nothing in the list above it"));
  }

  private static Optional<String> first(String list) {
    JsonNode item = ApiJson.MAPPER.readTree(api.operator("GET", list).body()).path("items").path(0);
    return Stream.of(item.path("metadata").path("name"), item.path("name"), item.path("id"))
        .filter(JsonNode::isString)
        .map(JsonNode::asString)
        .findFirst();
  }

  private static HttpResponse<String> shown(String path) {
    HttpResponse<String> shown = api.operator("GET", path);
    assertThat(shown.statusCode()).as(path).isEqualTo(200);
    return shown;
  }

  private static String tag(HttpResponse<String> shown) {
    assertThat(shown.headers().firstValue("ETag")).as(shown.uri() + ": ETag").isPresent();
    return shown.headers().firstValue("ETag").orElseThrow();
  }

  /** What GET answers is what PUT takes, but for the name, which the path says; and secrets. */
  private static String body(String path, HttpResponse<String> shown) {
    if (path.contains("/secrets/")) {
      return VALUE;
    }
    ObjectNode document = (ObjectNode) ApiJson.MAPPER.readTree(shown.body());
    return document.without("name").toString();
  }

  private static void assertUnchanged(String path, HttpResponse<String> before, int status) {
    assertThat(status).as(path).isEqualTo(412);
    HttpResponse<String> after = shown(path);
    assertThat(after.body()).as(path).isEqualTo(before.body());
    assertThat(tag(after)).as(path).isEqualTo(tag(before));
  }

  private static void assertCode(HttpResponse<String> response) {
    assertThat(response.body())
        .as(response.uri().getPath())
        .contains("\"code\":\"precondition_failed\"");
  }

  @ParameterizedTest
  @MethodSource("puts")
  void put_ofWhatIsThere_isHeldByItsVersion(String template) {
    String path = existing(template);
    HttpResponse<String> before = shown(path);
    Optional<String> body = Optional.of(body(path, before));
    HttpResponse<String> stale = send("PUT", path, body, "If-Match", "\"stale\"");
    assertUnchanged(path, before, stale.statusCode());
    assertCode(stale);
    HttpResponse<String> anew = send("PUT", path, body, "If-None-Match");
    assertUnchanged(path, before, anew.statusCode());
    assertCode(anew);
    HttpResponse<String> done = send("PUT", path, body, "If-Match", tag(before));
    assertThat(done.statusCode()).as(path + done.body()).isEqualTo(200);
  }

  @ParameterizedTest
  @MethodSource("deletes")
  void delete_ofWhatIsThere_isHeldByItsVersion(String template) {
    String path = existing(template);
    HttpResponse<String> before = shown(path);
    HttpResponse<String> stale = send("DELETE", path, Optional.empty(), "If-Match", "\"stale\"");
    assertUnchanged(path, before, stale.statusCode());
    assertCode(stale);
    // With the right one it is done, or told that something refers to it.
    HttpResponse<String> held = send("DELETE", path, Optional.empty(), "If-Match", tag(before));
    assertThat(held.statusCode()).as(path + held.body()).isIn(204, 409, 422);
  }
}
