package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.tenant.Role;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The contract, the access table and the handlers hold each other. */
class ApiContractTest {
  private static final ApiHandler NOTHING = request -> Answer.empty(204);
  private static final ApiContract SMALL =
      ApiContract.of(
          bytes(
              """
              paths:
                /v1/a:
                  get: {operationId: a, security: []}
                /v1/b:
                  get: {operationId: b}
              """));

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static RouteGroup handlers(String... ids) {
    Map<String, ApiHandler> handlers = new HashMap<>();
    List.of(ids).forEach(id -> handlers.put(id, NOTHING));
    return () -> handlers;
  }

  @Test
  void bundled_tableIsCompleteForTheContract() {
    ApiContract contract = ApiContract.bundled();
    AccessTable table = AccessTable.bundled(contract);
    assertThat(contract.operations()).isNotEmpty();
    for (ApiOperation operation : contract.operations()) {
      assertThat(table.anyone(operation.id())).as(operation.id()).isEqualTo(operation.open());
    }
  }

  @Test
  void bundled_everyOperationBelowTenants_isNobodysWithoutAuthentication() {
    assertThat(ApiContract.bundled().operations())
        .filteredOn(it -> it.path().startsWith("/v1/tenants"))
        .noneMatch(ApiOperation::open);
  }

  /** POSTs that take no key, each with the reason. */
  private static final Map<String, String> KEYLESS =
      Map.of(
          "applyMesh", "states all that is to be: the same file again changes nothing",
          "exportSecrets", "changes nothing, and its answer is a backup, which is not kept");

  @Test
  void bundled_everyPost_takesAnIdempotencyKey_orIsListedWithItsReason() {
    assertThat(ApiContract.bundled().operations())
        .filteredOn(it -> it.method().equals("POST"))
        .isNotEmpty()
        .allSatisfy(post -> {
          boolean takesKey =
              post.parameters().stream()
                  .anyMatch(it ->
                      it.in() == ApiOperation.In.HEADER && it.name().equals(RepeatGuard.HEADER));
          assertThat(takesKey).as(post.id()).isNotEqualTo(KEYLESS.containsKey(post.id()));
        });
    assertThat(ApiContract.bundled().operations())
        .extracting(ApiOperation::id)
        .containsAll(KEYLESS.keySet());
  }

  /** Lists without cursors, each with the reason. */
  private static final Map<String, String> WITHOUT_CURSOR =
      Map.of(
          "listAudit", "goes by sequence number, which the chain is checked by",
          "listAuditLeaves", "goes by position, which the log is checked by");

  private static boolean takes(ApiOperation operation, ApiOperation.In in, String name) {
    return operation.parameters().stream().anyMatch(it -> it.in() == in && it.name().equals(name));
  }

  @Test
  void bundled_everyList_goesOnByCursor_orIsListedWithItsReason() {
    JsonNode paths = new YAMLMapper().readTree(ApiContract.bundled().text()).path("paths");
    assertThat(ApiContract.bundled().operations())
        .filteredOn(it -> it.id().startsWith("list"))
        .hasSizeGreaterThan(10)
        .allSatisfy(list -> {
          assertThat(takes(list, ApiOperation.In.QUERY, "cursor"))
              .as(list.id())
              .isNotEqualTo(WITHOUT_CURSOR.containsKey(list.id()));
          assertThat(takes(list, ApiOperation.In.QUERY, "limit")).as(list.id()).isTrue();
        });
    assertThat(ApiContract.bundled().operations())
        .filteredOn(it -> it.method().equals("GET") && !it.id().startsWith("list"))
        .allSatisfy(one ->
            assertThat(
                    resolved(paths.path(one.path()).path("get"), "200")
                        .path("content")
                        .path("application/json")
                        .path("schema")
                        .path("properties")
                        .has("items"))
                .as(one.id() + ": has items, so it is a list")
                .isFalse());
  }

  private static JsonNode resolved(JsonNode operation, String status) {
    JsonNode response = operation.path("responses").path(status);
    String ref = response.path("$ref").asString("");
    return ref.isEmpty()
        ? response
        : new YAMLMapper()
            .readTree(ApiContract.bundled().text())
            .path("components")
            .path("responses")
            .path(ref.substring(ref.lastIndexOf('/') + 1));
  }

  @Test
  void bundled_whatCanBeReadAndChangedAtOnePath_hasAVersionToChangeItBy() {
    JsonNode paths = new YAMLMapper().readTree(ApiContract.bundled().text()).path("paths");
    List<ApiOperation> all = ApiContract.bundled().operations();
    List<ApiOperation> changes =
        all.stream().filter(it -> List.of("PUT", "DELETE").contains(it.method())).toList();
    assertThat(changes)
        .hasSizeGreaterThan(10)
        .allSatisfy(change -> {
          assertThat(takes(change, ApiOperation.In.HEADER, "If-Match")).as(change.id()).isTrue();
          assertThat(takes(change, ApiOperation.In.HEADER, "If-None-Match"))
              .as(change.id())
              .isEqualTo(change.method().equals("PUT"));
          assertThat(
                  resolved(paths.path(change.path()).path("get"), "200")
                      .path("headers")
                      .has("ETag"))
              .as("GET beside " + change.id())
              .isTrue();
        });
  }

  /** GETs of one thing without a version, each with the reason. */
  private static final Map<String, String> UNVERSIONED =
      Map.of("getEvidence", "tells what is on record, which nobody changes");

  @Test
  void bundled_everyGetOfOneThing_showsItsVersion_orIsListedWithItsReason() {
    JsonNode paths = new YAMLMapper().readTree(ApiContract.bundled().text()).path("paths");
    assertThat(ApiContract.bundled().operations())
        .filteredOn(it -> it.method().equals("GET") && it.path().endsWith("}"))
        .hasSizeGreaterThan(6)
        .allSatisfy(one ->
            assertThat(
                    resolved(paths.path(one.path()).path("get"), "200").path("headers").has("ETag"))
                .as(one.id())
                .isNotEqualTo(UNVERSIONED.containsKey(one.id())));
  }

  @Test
  void bundled_everyOperationOfTheVersion_saysWhatARefusalIs() {
    JsonNode paths = new YAMLMapper().readTree(ApiContract.bundled().text()).path("paths");
    paths.properties().stream()
        .filter(path -> path.getKey().startsWith("/v1/") && !path.getKey().endsWith(".yaml"))
        .flatMap(path -> path.getValue().properties().stream())
        .filter(operation -> operation.getValue().has("operationId"))
        .forEach(operation ->
            assertThat(operation.getValue().path("responses").path("default").isObject())
                .as(operation.getValue().path("operationId").asString(""))
                .isTrue());
  }

  @Test
  void handlers_mustBeThoseOfTheContract() {
    assertThat(RouteTable.of(SMALL, List.of(handlers("a"), handlers("b"))).routes()).hasSize(2);
    assertThatThrownBy(() -> RouteTable.of(SMALL, List.of(handlers("a"))))
        .hasMessageContaining("b: no handler");
    assertThatThrownBy(() -> RouteTable.of(SMALL, List.of(handlers("a", "b", "c"))))
        .hasMessageContaining("c: a handler of no operation");
    assertThatThrownBy(() -> RouteTable.of(SMALL, List.of(handlers("a", "b"), handlers("a"))))
        .hasMessageContaining("a: two handlers");
  }

  private static final String ROW =
      "b: {operator: allow, owner: deny, admin: deny, editor: deny, viewer: allow}\n";

  @Test
  void table_allowsOnlyWhatItSays() {
    AccessTable table = AccessTable.of(bytes("a: anyone\n" + ROW), SMALL);
    assertThat(table.allows("b", Role.OPERATOR)).isTrue();
    assertThat(table.allows("b", Role.VIEWER)).isTrue();
    assertThat(table.allows("b", Role.OWNER)).isFalse();
    assertThat(table.allows("unknown", Role.OPERATOR)).isFalse();
    assertThat(table.anyone("a")).isTrue();
    assertThat(table.anyone("b")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: anyone | b: no row",
        "a: anyone;b: {operator: allow, owner: deny, admin: deny, editor: deny} | no cell for viewer",
        "a: anyone;b: {operator: yes, owner: deny, admin: deny, editor: deny, viewer: deny} | no cell"
            + " for operator",
        "a: anyone;b: anyone | b: anyone in one of contract and table only",
        "a: {operator: allow, owner: deny, admin: deny, editor: deny, viewer: deny} | a: anyone in one",
        "a: anyone;b: {operator: allow, owner: deny, admin: deny, editor: deny, viewer: deny, x: deny}"
            + " | more cells",
        "a: anyone;c: anyone | c: a row of no operation"
      })
  void table_thatIsNotComplete_failsTheStart(String rows, String fault) {
    assertThatThrownBy(() -> AccessTable.of(bytes(rows.replace(';', '\n')), SMALL))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "paths: {/a: {get: {}}} | expected: an operationId",
        "paths: {/a: {get: {operationId: a}}, /b: {get: {operationId: a}}} | each once",
        "paths: {/a: {get: {operationId: a, parameters: [{$ref: '#/nowhere'}]}}} | to exist",
        "paths: {/a: {head: {operationId: a}}} | one of"
      })
  void contract_thatTheServerCannotServe_failsTheStart(String text, String fault) {
    assertThatThrownBy(() -> ApiContract.of(bytes(text)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(fault);
  }
}
