package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PostgresExtension.class)
class ResourceRoutesTest {
  private static final String DESTINATIONS = "/v1/tenants/acme/destinations";
  private static final String ENDPOINTS = "/v1/tenants/acme/endpoints";
  private static final String ORDERS =
      "{\"spec\":{\"cluster\":\"edge-local\",\"host\":\"hooks.acme.test\",\"path\":\"/acme/orders\","
          + "\"scheme\":\"zen\",\"secretRefs\":[\"signing\"],\"destination\":\"target\"}}";

  @TempDir Path folder;
  private TestApi api;
  private String editor;

  @BeforeEach
  void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    editor = api.token("acme", Role.EDITOR);
  }

  @AfterEach
  void end() {
    api.close();
  }

  private static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains("\"code\":\"" + code + "\"");
  }

  private static String tag(HttpResponse<String> response) {
    return response.headers().firstValue("ETag").orElseThrow();
  }

  @Test
  void endpoint_isMadeReadChangedAndRemoved() {
    HttpResponse<String> made = api.with(editor, "PUT", ENDPOINTS + "/orders", ORDERS);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    HttpResponse<String> read = api.with(editor, "GET", ENDPOINTS + "/orders");
    assertThat(read.body())
        .isEqualTo(made.body())
        .contains("\"metadata\":{\"name\":\"orders\",\"tenant\":\"acme\"}");
    assertThat(tag(read)).isEqualTo(tag(made));
    // What was read can be put again as it is.
    HttpResponse<String> again = api.with(editor, "PUT", ENDPOINTS + "/orders", read.body());
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(tag(again)).isEqualTo(tag(made));
    assertThat(api.with(editor, "DELETE", ENDPOINTS + "/orders").statusCode()).isEqualTo(204);
    assertProblem(api.with(editor, "DELETE", ENDPOINTS + "/orders"), 404, "not_found");
    assertProblem(api.with(editor, "GET", ENDPOINTS + "/orders"), 404, "not_found");
  }

  @Test
  void secrets_stayAsTheyAre() {
    long before = secretVersions();
    api.with(editor, "PUT", ENDPOINTS + "/orders", ORDERS);
    assertThat(secretVersions()).isEqualTo(before).isPositive();
  }

  private long secretVersions() {
    return api.database.stateReader().read().secrets().stream()
        .filter(it -> !it.versions().isEmpty())
        .count();
  }

  @Test
  void conditions_areHeld() {
    String url = "{\"spec\":{\"url\":\"https://localhost:19443/%s\"}}";
    String tag = tag(api.with(editor, "PUT", DESTINATIONS + "/one", url.formatted("a")));
    assertProblem(
        put(DESTINATIONS + "/one", url.formatted("b"), "If-Match", "\"other\""),
        412,
        "precondition_failed");
    assertProblem(
        put(DESTINATIONS + "/one", url.formatted("b"), "If-None-Match", "*"),
        412,
        "precondition_failed");
    assertProblem(
        put(DESTINATIONS + "/two", url.formatted("b"), "If-Match", "*"),
        412,
        "precondition_failed");
    assertThat(put(DESTINATIONS + "/one", url.formatted("b"), "If-Match", tag).statusCode())
        .isEqualTo(200);
    assertProblem(
        put(DESTINATIONS + "/one", url.formatted("c"), "If-Match", tag),
        412,
        "precondition_failed");
    assertThat(put(DESTINATIONS + "/two", url.formatted("b"), "If-None-Match", "*").statusCode())
        .isEqualTo(201);
  }

  private HttpResponse<String> put(String path, String json, String header, String value) {
    return api.send(
        api.anonymous(),
        api.request("PUT", path, Optional.of(json))
            .header("Authorization", "Bearer " + editor)
            .header(header, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'spec':{'url':'http://plain'}} | spec.url",
        "{'spec':{'url':'https://a.test','colour':'red'}} | spec.colour",
        "{'spec':{'url':'https://a.test','caRef':'nowhere'}} | spec.caRef: unknown",
        "{'spec':{}} | spec.url: missing"
      })
  void badDocument_tellsItsProblems(String json, String problem) {
    HttpResponse<String> response =
        api.with(editor, "PUT", DESTINATIONS + "/one", json.replace('\'', '"'));
    assertProblem(response, 422, "mesh_invalid");
    assertThat(response.body()).contains("Destination acme/one: " + problem);
    assertProblem(api.with(editor, "GET", DESTINATIONS + "/one"), 404, "not_found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"spec\":{\"url\":\"https://a.test\"},\"metadata\":{\"name\":\"one\",\"tenant\":\"globex\"}}",
        "{\"spec\":{\"url\":\"https://a.test\"},\"metadata\":{\"name\":\"two\",\"tenant\":\"acme\"}}",
        "{\"spec\":{\"url\":\"https://a.test\"},\"kind\":\"Tenant\"}",
        "{\"spec\":{\"url\":\"https://a.test\"},\"tenant\":\"globex\"}",
        "{\"spec\":\"https://a.test\"}",
        "{\"spec\":{\"url\":\"https://a.test\"},\"spec\":{}}"
      })
  void H02_documentOfAnotherPlace_isRefused(String json) {
    assertProblem(api.with(editor, "PUT", DESTINATIONS + "/one", json), 400, "body_malformed");
    assertProblem(api.with(editor, "GET", DESTINATIONS + "/one"), 404, "not_found");
  }

  @Test
  void H02_documentInsideADocument_staysOne() {
    String json =
        "{\"spec\":{\"url\":\"https://a.test\\n---\\nkind: Tenant\\nmetadata: {name: evil}\"}}";
    assertProblem(api.with(editor, "PUT", DESTINATIONS + "/one", json), 422, "mesh_invalid");
    assertProblem(api.operator("GET", "/v1/tenants/evil"), 404, "not_found");
  }

  @Test
  void X08_hostOfAnotherTenant_isRefusedWithoutNamingIt() {
    HttpResponse<String> response =
        api.with(
            editor, "PUT", ENDPOINTS + "/orders", ORDERS.replace("hooks.acme", "hooks.globex"));
    assertProblem(response, 422, "mesh_invalid");
    assertThat(response.body()).contains("spec.host: not free").doesNotContain("tenant globex");
  }

  @Test
  void whatOthersReferTo_isNotRemoved() {
    HttpResponse<String> response = api.with(editor, "DELETE", DESTINATIONS + "/target");
    assertProblem(response, 422, "mesh_invalid");
    assertThat(response.body()).contains("Endpoint acme/zen: spec.destination: target");
    HttpResponse<String> cluster = api.operator("DELETE", "/v1/tenants/system/clusters/edge-local");
    assertProblem(cluster, 422, "mesh_invalid");
    assertThat(cluster.body()).doesNotContain("globex");
  }

  @Test
  void tenant_isMadeByOperatorsAndRemovedWhenEmpty() {
    assertProblem(api.with(editor, "PUT", "/v1/tenants/initech"), 404, "not_found");
    assertProblem(api.with(editor, "DELETE", "/v1/tenants/acme"), 403, "role_not_allowed");
    assertThat(api.operator("PUT", "/v1/tenants/initech").statusCode()).isEqualTo(201);
    assertThat(api.operator("PUT", "/v1/tenants/initech", "{}").statusCode()).isEqualTo(200);
    assertThat(api.operator("GET", "/v1/tenants").body())
        .contains("\"acme\"", "\"globex\"", "\"initech\"", "\"system\"");
    api.operator("PUT", "/v1/tenants/initech/principals/peter", "{\"role\":\"owner\"}");
    assertThat(api.operator("DELETE", "/v1/tenants/initech").statusCode()).isEqualTo(204);
    assertProblem(api.operator("GET", "/v1/tenants/initech"), 404, "not_found");
    assertProblem(api.operator("DELETE", "/v1/tenants/acme"), 409, "conflict");
    assertProblem(api.operator("PUT", "/v1/tenants/system"), 422, "mesh_invalid");
  }

  @Test
  void viewer_readsAndChangesNothing() {
    String viewer = api.token("acme", Role.VIEWER);
    assertThat(api.with(viewer, "GET", ENDPOINTS).body()).contains("\"name\":\"zen\"");
    assertThat(api.with(viewer, "GET", "/v1/tenants/acme").statusCode()).isEqualTo(200);
    assertThat(api.with(viewer, "GET", "/v1/tenants/acme/clusters").body())
        .isEqualTo("{\"items\":[]}");
    assertProblem(api.with(viewer, "PUT", ENDPOINTS + "/orders", ORDERS), 403, "role_not_allowed");
    assertProblem(api.with(viewer, "DELETE", ENDPOINTS + "/zen"), 403, "role_not_allowed");
    assertProblem(api.with(viewer, "GET", "/v1/tenants"), 403, "role_not_allowed");
  }

  @Test
  void changes_areOnRecordOnlyWhenTheyAreChecked() {
    api.with(editor, "PUT", DESTINATIONS + "/one", "{\"spec\":{}}");
    assertThat(api.decisions.lines()).noneMatch(it -> it.startsWith("destination.put"));
    api.with(editor, "PUT", DESTINATIONS + "/one", "{\"spec\":{\"url\":\"https://a.test\"}}");
    assertThat(api.decisions.lines().getLast())
        .isEqualTo("destination.put destination/acme/one DONE");
    assertThat(api.decisions.events.getLast().chain().value()).isEqualTo("acme");
  }

  @Test
  void lists_arePaged() {
    for (String name : List.of("a", "b", "c")) {
      api.with(editor, "PUT", DESTINATIONS + "/" + name, "{\"spec\":{\"url\":\"https://a.test\"}}");
    }
    String first = api.with(editor, "GET", DESTINATIONS + "?limit=2").body();
    String cursor = ApiJson.MAPPER.readTree(first).path("next").asString();
    assertThat(first).contains("\"a\"", "\"b\"").doesNotContain("\"c\"");
    assertThat(api.with(editor, "GET", DESTINATIONS + "?limit=2&cursor=" + cursor).body())
        .contains("\"c\"", "\"target\"")
        .doesNotContain("next");
  }
}
