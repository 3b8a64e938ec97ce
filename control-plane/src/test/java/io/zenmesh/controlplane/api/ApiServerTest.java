package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.mesh.TestMesh;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every request to the API meets, whatever it asks for. */
class ApiServerTest extends ApiServerFixture {
  @Test
  void health_isOpenToAnyone() throws Exception {
    assertThat(send(anonymous(), request("/healthz")).statusCode()).isEqualTo(200);
    assertThat(send(anonymous(), request("/readyz")).statusCode()).isEqualTo(200);
    ready = false;
    assertThat(send(anonymous(), request("/readyz")).statusCode()).isEqualTo(503);
  }

  @Test
  void unknownPathAndMethod_areProblems() throws Exception {
    assertProblem(send(operator(), request("/v1/nothing")), 404, "not_found");
    assertProblem(send(operator(), request("/v1/proxies").DELETE()), 405, "method_not_allowed");
    assertProblem(send(anonymous(), request("/")), 404, "not_found");
  }

  @Test
  void methodsTheContractDoesNotName_areRefused() throws Exception {
    assertThat(send(operator(), request("/healthz").HEAD()).statusCode()).isEqualTo(405);
    assertProblem(
        send(operator(), request("/v1/proxies").method("OPTIONS", BodyPublishers.noBody())),
        405,
        "method_not_allowed");
  }

  @Test
  void unknownQueryParameter_isRefused() throws Exception {
    assertProblem(send(operator(), request("/v1/proxies?tenant=acme")), 400, "parameter_invalid");
  }

  @Test
  void decisions_areOnRecordBeforeTheAnswer() throws Exception {
    send(operator(), request("/v1/proxies").header("X-Request-Id", "req-12345678"));
    send(anonymous(), request("/v1/proxies"));
    assertThat(decisions.lines())
        .containsExactly(
            "api.authenticate operation/listProxies ALLOWED",
            "api.authorize operation/listProxies ALLOWED",
            "api.authenticate operation/listProxies DENIED no_credential");
    assertThat(decisions.events.getFirst().correlation()).isEqualTo("req-12345678");
    assertThat(decisions.events.getFirst().actor().id())
        .isEqualTo("spiffe://zen.test/operator/admin");
  }

  @Test
  void F32_recordFull_is503AndNothingIsDone() throws Exception {
    decisions.full = true;
    storeAway = true;
    for (HttpClient client : List.of(operator(), anonymous())) {
      HttpResponse<String> response =
          send(client, mesh("", BodyPublishers.ofString(TestMesh.all())));
      assertProblem(response, 503, "audit_unavailable");
    }
    assertThat(send(anonymous(), request("/healthz")).statusCode()).isEqualTo(200);
  }

  @Test
  void correlation_isTakenOverOrMade() throws Exception {
    HttpResponse<String> kept =
        send(anonymous(), request("/v1/proxies").header("X-Request-Id", "from-envoy-1"));
    assertThat(kept.headers().firstValue("X-Request-Id")).hasValue("from-envoy-1");
    assertThat(kept.body()).contains("\"correlationId\":\"from-envoy-1\"");
    HttpResponse<String> traced =
        send(
            anonymous(),
            request("/v1/proxies")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    assertThat(traced.headers().firstValue("X-Request-Id"))
        .hasValue("0af7651916cd43dd8448eb211c80319c");
    HttpResponse<String> made =
        send(anonymous(), request("/v1/proxies").header("X-Request-Id", "no good id"));
    assertThat(made.headers().firstValue("X-Request-Id").orElseThrow()).matches("[0-9a-f]{32}");
  }

  @Test
  void contract_isServedAsItIs() throws Exception {
    HttpResponse<String> response = send(anonymous(), request("/v1/openapi.yaml"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().getBytes(StandardCharsets.UTF_8))
        .isEqualTo(ApiContract.bundled().text());
  }

  @Test
  void whatTheServerRefusesByItself_isAProblemToo() throws Exception {
    for (String path : List.of("/v1/tenants/a%2fb", "/v1/%2e%2e/x", "/v1/x;p=1/..;/y")) {
      HttpResponse<String> response = send(operator(), request(path));
      assertThat(response.statusCode()).as(path).isIn(400, 404);
      assertThat(response.headers().firstValue("Content-Type").orElse(""))
          .as(path)
          .startsWith("application/problem+json");
      assertThat(response.body()).doesNotContain("<", "Jetty", "Exception");
    }
    HttpResponse<String> large =
        send(operator(), request("/healthz").header("X-Long", "a".repeat(20_000)));
    assertThat(large.statusCode()).isEqualTo(431);
    assertThat(large.body()).contains("\"code\":\"request_malformed\"", "\"status\":431");
  }
}
