package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.verify.TreeVerifier;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(PostgresExtension.class)
class AuditRoutesTest {
  private static final String EVIDENCE = "/v1/evidence/";
  private static final String AUDIT = "/v1/tenants/acme/audit";

  @TempDir Path folder;
  private TestApi api;

  @BeforeEach
  void start() {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    try (GroupCommitTrail trail =
        new GroupCommitTrail(api.database.auditStore(Clock.systemUTC()))) {
      for (int i = 1; i <= 5; i++) {
        trail.record(List.of(event("acme", i, "request-1"), event("globex", i, "request-2")));
      }
    }
    assertThat(api.database.logStore().integrate(100)).isEqualTo(10);
  }

  @AfterEach
  void end() {
    api.close();
  }

  private static AuditEvent event(String chain, int number, String correlation) {
    return new AuditEvent(
        new Name(chain),
        Actor.system("test"),
        "secret.unwrap",
        "secret/" + chain + "/s" + number,
        AuditEvent.Outcome.DONE,
        "",
        correlation);
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return ApiJson.MAPPER.readTree(response.body());
  }

  private static List<Long> sequence(JsonNode page) {
    List<Long> numbers = new ArrayList<>();
    page.path("entries").forEach(it -> numbers.add(it.path("seq").asLong()));
    return numbers;
  }

  @Test
  void entries_comeNewestOrBehindANumber_inOrder() {
    String token = api.token("acme", Role.ADMIN);
    assertThat(sequence(json(api.with(token, "GET", AUDIT + "?limit=2")))).containsExactly(4L, 5L);
    JsonNode page = json(api.with(token, "GET", AUDIT + "?after=1&limit=3"));
    assertThat(sequence(page)).containsExactly(2L, 3L, 4L);
    assertThat(page.path("entries").get(0).path("object").asString()).isEqualTo("secret/acme/s2");
    assertThat(page.path("entries").get(0).path("position").asLong()).isEqualTo(1);
    assertThat(sequence(json(api.with(token, "GET", AUDIT + "?after=5")))).isEmpty();
  }

  @Test
  void keySet_isForAnyone_andSaysHowLongItMayBeKept() {
    HttpResponse<String> keys = api.with("nobody", "GET", "/v1/jwks");
    assertThat(keys.statusCode()).isEqualTo(200);
    assertThat(keys.body()).isEqualTo("{\"keys\":[]}");
    assertThat(keys.headers().firstValue("Cache-Control")).hasValue("max-age=300");
  }

  /** The note's own bytes, so that what is fetched is what is verified. */
  @ParameterizedTest
  @EnumSource(
      value = Role.class,
      names = {"OWNER", "ADMIN", "EDITOR", "VIEWER"})
  void cosignedCheckpoint_isForWhoeverAuthenticates_asTheNoteItself(Role role) {
    String path = "/v1/audit/checkpoint/cosigned";
    String token = api.token("acme", role);
    HttpResponse<String> before = api.with(token, "GET", path);
    assertThat(before.statusCode()).isEqualTo(404);
    assertThat(before.body()).contains("not_found");
    String note = "log\n1\nAAAA\n\n\u2014 log AAAA\n\u2014 witness AAAA\n";
    api.cosigned = Optional.of(note);
    HttpResponse<String> after = api.with(token, "GET", path);
    assertThat(after.statusCode()).isEqualTo(200);
    assertThat(after.body()).isEqualTo(note);
    assertThat(after.headers().firstValue("Content-Type")).hasValue("text/plain;charset=utf-8");
  }

  @Test
  void metrics_areForWhoeverAuthenticates_inTheFormOfPrometheus() {
    HttpResponse<String> metrics = api.with(api.token("acme", Role.VIEWER), "GET", "/metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(api.with("nobody", "GET", "/metrics").statusCode()).isEqualTo(401);
  }

  @Test
  void leaves_ofOthersAreHashesOnly() {
    String token = api.token("acme", Role.OWNER);
    HttpResponse<String> response = api.with(token, "GET", AUDIT + "/leaves?from=3&limit=4");
    JsonNode leaves = json(response).path("leaves");
    assertThat(leaves).hasSize(4);
    assertThat(leaves.get(1).path("seq").asLong()).isEqualTo(5);
    assertThat(leaves.get(2).has("seq")).isFalse();
    assertThat(response.body()).doesNotContain("globex");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/leaves"})
  void H01_recordOfAnotherTenant_isNotThere(String path) {
    String token = api.token("globex", Role.OWNER);
    HttpResponse<String> foreign = api.with(token, "GET", AUDIT + path);
    HttpResponse<String> absent = api.with(token, "GET", "/v1/tenants/nobody/audit" + path);
    assertThat(foreign.statusCode()).isEqualTo(404);
    assertThat(foreign.body()).isEqualTo(absent.body());
    assertThat(sequence(json(api.with(token, "GET", "/v1/tenants/globex/audit")))).hasSize(5);
  }

  @Test
  void H01_correlationIdOfAnotherTenant_isNotThere() {
    String token = api.token("globex", Role.OWNER);
    JsonNode own = json(api.with(token, "GET", EVIDENCE + "request-2"));
    assertThat(own.path("chain").asString()).isEqualTo("globex");
    assertThat(own.path("entries")).hasSize(5);
    HttpResponse<String> absent = api.with(token, "GET", EVIDENCE + "request-3");
    assertThat(absent.statusCode()).isEqualTo(404);
    for (String foreign :
        List.of(
            "request-1",
            "request-1?tenant=acme",
            "request-1?tenant=system",
            "request-2?tenant=acme",
            "request-2?tenant=no-such-tenant")) {
      HttpResponse<String> response = api.with(token, "GET", EVIDENCE + foreign);
      assertThat(response.statusCode()).as(foreign).isEqualTo(404);
      assertThat(response.body()).as(foreign).isEqualTo(absent.body());
    }
  }

  @Test
  void evidence_forAnOperator_isOfThePlatform_orOfTheTenantAskedFor() {
    assertThat(api.operator("GET", EVIDENCE + "request-1").statusCode()).isEqualTo(404);
    JsonNode acme = json(api.operator("GET", EVIDENCE + "request-1?tenant=acme"));
    assertThat(acme.path("chain").asString()).isEqualTo("acme");
    assertThat(acme.path("entries")).hasSize(5);
    assertThat(acme.path("entries").get(0).has("previous")).isFalse();
    assertThat(acme.path("entries").get(1).path("previous"))
        .isEqualTo(acme.path("entries").get(0).path("entry").path("hash"));
    assertThat(api.operator("GET", EVIDENCE + "request-1?tenant=nobody").statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"VIEWER,403", "EDITOR,403", "ADMIN,200", "OWNER,200"})
  void record_isForWhoeverRunsTheTenant(Role role, int status) {
    String token = api.token("acme", role);
    assertThat(api.with(token, "GET", AUDIT).statusCode()).isEqualTo(status);
    assertThat(api.with(token, "GET", "/v1/audit/checkpoint").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"?after=-1", "?after=x", "?limit=0", "?limit=1001", "?since=1"})
  void parameterOutsideOfItsBounds_isRefused(String query) {
    assertThat(api.operator("GET", AUDIT + query).statusCode()).isEqualTo(400);
  }

  @Test
  void evidence_provesEachEntryAgainstTheCheckpoint() {
    List<Hash> hashes = api.database.logStore().between(0, 10);
    MerkleLog tree = new MerkleLog((from, to) -> hashes.subList((int) from, (int) to));
    hashes.forEach(tree::append);
    ChainReader chains = api.database.chainReader();
    AuditRoutes routes = new AuditRoutes(chains, new Covered(tree, 9), Optional::empty, cursors());
    JsonNode evidence = evidence(routes, "globex", "request-2");
    assertThat(evidence.path("log").asString()).isEqualTo(chains.log());
    assertThat(evidence.path("entries")).hasSize(5);
    int proved = 0;
    for (JsonNode it : evidence.path("entries")) {
      if (!it.has("proof")) {
        continue;
      }
      proved++;
      List<Hash> path = new ArrayList<>();
      it.path("proof").path("path").forEach(hash -> path.add(Hash.parse(hash.asString())));
      assertThat(
              new TreeVerifier()
                  .includes(
                      Hash.parse(it.path("entry").path("hash").asString()),
                      it.path("entry").path("position").asLong(),
                      it.path("proof").path("size").asLong(),
                      path,
                      tree.root(9)))
          .isTrue();
    }
    // The last one is younger than the checkpoint.
    assertThat(proved).isEqualTo(4);
  }

  private static Cursors cursors() {
    return new Cursors(new MacKey(SecretBytes.takeOver(new byte[32])));
  }

  @Test
  void evidenceUnderOneId_isWholePageByPage_howeverMuchComesBefore() {
    String token = api.token("globex", Role.OWNER);
    List<Long> seen = new ArrayList<>();
    String cursor = "";
    String first = "";
    do {
      JsonNode page = json(api.with(token, "GET", EVIDENCE + "request-2?limit=2" + cursor));
      page.path("entries").forEach(it -> seen.add(it.path("entry").path("seq").asLong()));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
      first = first.isEmpty() ? cursor : first;
    } while (!cursor.isEmpty());
    assertThat(seen).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(api.with(token, "GET", EVIDENCE + "request-1?limit=2" + first).body())
        .contains("cursor_invalid");
    String other = api.token("acme", Role.OWNER);
    assertThat(api.with(other, "GET", EVIDENCE + "request-2?limit=2" + first).body())
        .contains("cursor_invalid");
  }

  /** A checkpoint that covers the log up to a size. */
  private record Covered(MerkleLog tree, long size) implements Checkpoints {
    @Override
    public Optional<String> newest() {
      return Optional.of("note");
    }

    @Override
    public String verifierKey() {
      return "key";
    }

    @Override
    public List<String> verifierKeys() {
      return List.of();
    }

    @Override
    public Optional<Proof> inclusion(long position) {
      return position < size
          ? Optional.of(new Proof("note", size, tree.inclusion(position, size)))
          : Optional.empty();
    }

    @Override
    public Optional<Proof> consistency(long from) {
      return Optional.empty();
    }
  }

  private static JsonNode evidence(AuditRoutes routes, String tenant, String correlation) {
    ApiContract contract = ApiContract.bundled();
    ApiOperation operation =
        contract.operations().stream()
            .filter(it -> it.id().equals("getEvidence"))
            .findFirst()
            .orElseThrow();
    ApiRequest request =
        new ApiRequest(
            operation,
            Optional.of(new Caller.Operator("spiffe://zen.test/operator/a")),
            new ApiParameters(
                Map.of("correlation", correlation), Map.of("tenant", tenant), Map.of()),
            new byte[0],
            "");
    Answer answer = Objects.requireNonNull(routes.handlers().get("getEvidence")).answer(request);
    return ApiJson.MAPPER.readTree(new String(answer.body(), StandardCharsets.UTF_8));
  }
}
