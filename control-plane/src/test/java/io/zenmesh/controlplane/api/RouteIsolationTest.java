package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.xds.model.Name;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two tenants' tokens against every route of the contract and every kind of id in it: what is
 * another tenant's cannot be told from what is not there, and stays as it was.
 */
@ExtendWith(PostgresExtension.class)
class RouteIsolationTest {
  private static final String CANARY = "only-globex";
  private static final String ABSENT = "nobody-has-it";
  private static final String ABSENT_TOKEN = "00000000000000aa";

  @TempDir Path folder;
  private TestApi api;
  private String globexToken;
  private String notFound;

  @BeforeEach
  void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    String globex = api.token("globex", Role.OWNER);
    globexToken = globex.split("\\.", -1)[1];
    notFound = api.with(globex, "GET", "/v1/tenants/globex/endpoints/" + ABSENT).body();
    onRecord();
    put(globex, "principals", "{\"role\":\"viewer\"}");
    put(globex, "destinations", "{\"spec\":{\"url\":\"https://canary.globex.test\"}}");
    put(
        globex,
        "endpoints",
        "{\"spec\":{\"cluster\":\"edge-local\",\"host\":\"canary.globex.test\",\"path\":\"/c\","
            + "\"scheme\":\"zen\",\"secretRefs\":[\"signing\"],\"destination\":\"only-globex\"}}");
  }

  /** What happened to globex under an id that acme may ask for. */
  private void onRecord() {
    try (GroupCommitTrail trail =
        new GroupCommitTrail(api.database.auditStore(Clock.systemUTC()))) {
      trail.record(
          new AuditEvent(
              new Name("globex"),
              Actor.system("test"),
              "secret.unwrap",
              "secret/globex/" + CANARY,
              AuditEvent.Outcome.DONE,
              "",
              CANARY));
    }
  }

  private void put(String token, String kind, String json) {
    HttpResponse<String> made =
        api.with(token, "PUT", "/v1/tenants/globex/" + kind + "/" + CANARY, json);
    assertThat(made.statusCode()).as(kind + made.body()).isEqualTo(201);
  }

  @AfterEach
  void end() {
    api.close();
  }

  /** Every path that an operation can be asked at, with ids of one sort. */
  private static String path(ApiOperation operation, String tenant, Map<String, String> ids) {
    String path = operation.path().replace("{tenant}", tenant);
    for (ApiOperation.Parameter parameter : operation.parameters()) {
      if (parameter.in() == ApiOperation.In.PATH) {
        path =
            path.replace(
                "{" + parameter.name() + "}",
                ids.getOrDefault(parameter.name(), ids.getOrDefault("name", "")));
      }
    }
    return path;
  }

  private HttpResponse<String> ask(String token, ApiOperation operation, String path) {
    return operation.body().isPresent()
        ? api.with(token, operation.method(), path, "{}")
        : api.with(token, operation.method(), path);
  }

  private List<ApiOperation> ofTenants() {
    return ApiContract.bundled().operations().stream().filter(ApiOperation::ofTenant).toList();
  }

  @Test
  void H01_D16_everyRouteOfAnotherTenant_answersAsIfNothingWereThere() {
    Map<String, String> existing = Map.of("name", CANARY, "id", globexToken);
    Map<String, String> absent = Map.of("name", ABSENT, "id", ABSENT_TOKEN);
    List<String> leaks = new ArrayList<>();
    int asked = 0;
    for (Role role : List.of(Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER)) {
      String acme = api.token("acme", role);
      for (ApiOperation operation : ofTenants()) {
        Set<String> paths = new LinkedHashSet<>();
        paths.add(path(operation, "globex", existing));
        paths.add(path(operation, "globex", absent));
        paths.add(path(operation, "no-such-tenant", existing));
        paths.add(path(operation, "system", existing));
        for (String path : paths) {
          HttpResponse<String> response = ask(acme, operation, path);
          asked++;
          if (response.statusCode() != 404 || !response.body().equals(notFound)) {
            leaks.add(role + " " + operation.method() + " " + path + ": " + response.statusCode());
          }
        }
      }
    }
    assertThat(leaks).isEmpty();
    assertThat(asked).isGreaterThan(300);
    assertGlobexIsAsItWas();
  }

  @Test
  void H01_idOfAnotherTenantInOnesOwnRoutes_namesNothing() {
    String acme = api.token("acme", Role.OWNER);
    Map<String, String> existing = Map.of("name", CANARY, "id", globexToken);
    Map<String, String> absent = Map.of("name", ABSENT, "id", ABSENT_TOKEN);
    int asked = 0;
    for (ApiOperation operation : ofTenants()) {
      boolean byId =
          operation.parameters().stream()
              .anyMatch(it -> it.in() == ApiOperation.In.PATH && !it.name().equals("tenant"));
      if (byId && operation.body().isEmpty()) {
        HttpResponse<String> foreign = ask(acme, operation, path(operation, "acme", existing));
        HttpResponse<String> nothing = ask(acme, operation, path(operation, "acme", absent));
        asked++;
        assertThat(foreign.statusCode()).as(operation.id()).isEqualTo(nothing.statusCode());
        assertThat(foreign.body()).as(operation.id()).isEqualTo(nothing.body());
        assertThat(foreign.headers().map().keySet())
            .as(operation.id())
            .isEqualTo(nothing.headers().map().keySet());
      }
    }
    assertThat(asked).isGreaterThanOrEqualTo(10);
    assertGlobexIsAsItWas();
  }

  private static List<ApiOperation> ofNoTenant() {
    return ApiContract.bundled().operations().stream()
        .filter(it -> !it.ofTenant() && !it.open())
        .toList();
  }

  private static String withoutCorrelation(HttpResponse<String> response) {
    return response.statusCode()
        + response.body().replaceFirst(",\"correlationId\":\"[^\"]*\"", "");
  }

  /** An id alone names a tenant's own only to that tenant. */
  @Test
  void H01_routesOfNoTenant_tellNothingOfATenant() {
    String globex = api.token("globex", Role.OWNER);
    assertThat(api.with(globex, "GET", "/v1/evidence/" + CANARY).body()).contains(CANARY);
    int asked = 0;
    for (Role role : List.of(Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER)) {
      String acme = api.token("acme", role);
      for (ApiOperation operation : ofNoTenant()) {
        boolean narrowed =
            operation.parameters().stream().anyMatch(it -> it.name().equals("tenant"));
        for (String query : narrowed ? List.of("", "?tenant=globex") : List.of("")) {
          HttpResponse<String> foreign =
              ask(acme, operation, path(operation, "acme", Map.of("name", CANARY)) + query);
          HttpResponse<String> nothing =
              ask(acme, operation, path(operation, "acme", Map.of("name", ABSENT)) + query);
          asked++;
          assertThat(withoutCorrelation(foreign))
              .as(role + " " + operation.id() + query)
              .isEqualTo(withoutCorrelation(nothing))
              .doesNotContain("globex", CANARY);
        }
      }
    }
    assertThat(asked).isGreaterThan(30);
    assertGlobexIsAsItWas();
  }

  @Test
  void H01_lists_holdOnesOwnOnly() {
    String acme = api.token("acme", Role.OWNER);
    for (ApiOperation operation : ofTenants()) {
      if (operation.method().equals("GET") && !operation.path().endsWith("}")) {
        HttpResponse<String> list =
            ask(acme, operation, path(operation, "acme", Map.of("name", ABSENT)));
        assertThat(list.body()).as(operation.id()).doesNotContain("globex", globexToken);
      }
    }
  }

  @Test
  void H01_everyOperation_isRefusedWithoutACredential() {
    for (ApiOperation operation : ApiContract.bundled().operations()) {
      if (!operation.open()) {
        String path = path(operation, "acme", Map.of("name", "zen", "id", ABSENT_TOKEN));
        HttpResponse<String> response =
            api.send(
                api.anonymous(),
                api.request(
                    operation.method(),
                    path,
                    operation.body().isPresent() ? Optional.of("{}") : Optional.empty()));
        assertThat(response.statusCode()).as(operation.id()).isEqualTo(401);
      }
    }
  }

  /** The owner's same requests succeed, so that the refusals above were about something there. */
  private void assertGlobexIsAsItWas() {
    String globex = api.token("globex", Role.OWNER);
    for (String kind : List.of("principals", "destinations", "endpoints")) {
      HttpResponse<String> own =
          api.with(globex, "GET", "/v1/tenants/globex/" + kind + "/" + CANARY);
      assertThat(own.statusCode()).as(kind).isEqualTo(200);
      assertThat(own.body()).contains(CANARY);
    }
    HttpResponse<String> token =
        api.with(globex, "GET", "/v1/tenants/globex/tokens/" + globexToken);
    assertThat(token.statusCode()).isEqualTo(200);
    assertThat(token.body()).doesNotContain("revoked");
  }

  @Test
  void H03_webTokens_areNotAcceptedInAnyForm() {
    for (String jwt :
        List.of(
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInRlbmFudCI6ImFjbWUifQ.",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.AAAA",
            "eyJhbGciOiJSUzI1NiIsImp3ayI6e319.eyJzdWIiOiJhZG1pbiJ9.AAAA")) {
      for (String scheme : List.of("Bearer ", "bearer ", "JWT ", "DPoP ", "")) {
        HttpResponse<String> response =
            api.send(
                api.anonymous(),
                api.request("GET", "/v1/tenants/acme/endpoints", Optional.empty())
                    .header("Authorization", scheme + jwt));
        assertThat(response.statusCode()).as(scheme + jwt).isEqualTo(401);
      }
    }
  }

  @Test
  void H06_jsonThatExhausts_isRefusedSoon() {
    String owner = api.token("acme", Role.OWNER);
    String path = "/v1/tenants/acme/destinations/x";
    for (String body :
        List.of(
            "[".repeat(100_000),
            "{\"spec\":".repeat(5_000),
            "{\"spec\":{\"url\":\"" + "a".repeat(200_000) + "\"}}",
            "{\"spec\":{\"n\":" + "9".repeat(100_000) + "}}",
            "{\"spec\":{\"n\":1e999999999}}",
            "{\"spec\":{\"" + "k".repeat(1_000) + "\":1}}",
            "{\"spec\":{\"@type\":\"com.sun.rowset.JdbcRowSetImpl\"}}",
            "{\"spec\":[\"java.util.ArrayList\",[]]}",
            "\u0000",
            "{\"spec\":{}}".repeat(2))) {
      HttpResponse<String> response = api.with(owner, "PUT", path, body);
      assertThat(response.statusCode())
          .as(body.substring(0, Math.min(40, body.length())))
          .isIn(400, 422);
      assertThat(response.body()).doesNotContain("Exception", "JdbcRowSet");
    }
    assertThat(
            api.with(owner, "PUT", path, "{\"spec\":{\"x\":\"" + "a".repeat(300_000) + "\"}}")
                .statusCode())
        .isEqualTo(413);
  }

  @Test
  void D09_sqlInEveryParameter_changesNothing() {
    String owner = api.token("acme", Role.OWNER);
    for (String sql :
        List.of(
            "'%20or%20'1'='1",
            "x';select%20set_config('zen.tenant','globex',true);--",
            "x%27%3Bset%20zen.tenant%3D%27globex%27%3B--",
            "%22%3Bdrop%20table%20zen.endpoint%3B--",
            "x%00y")) {
      for (String path :
          List.of(
              "/v1/tenants/" + sql + "/endpoints",
              "/v1/tenants/acme/endpoints/" + sql,
              "/v1/tenants/acme/principals/" + sql,
              "/v1/tenants/acme/tokens/" + sql,
              "/v1/tenants/acme/endpoints?cursor=" + sql,
              "/v1/tenants/acme/endpoints?limit=" + sql)) {
        HttpResponse<String> response = api.with(owner, "GET", path);
        assertThat(response.statusCode()).as(path).isIn(400, 404);
        assertThat(response.body()).as(path).doesNotContain("globex", "SQL", "syntax");
      }
    }
    assertGlobexIsAsItWas();
  }
}
