package io.zenmesh.e2e.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import io.zenmesh.e2e.harness.Eventually;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(SharedMesh.class)
class ProxyStatusIT {
  private static final Duration ACKED = Duration.ofSeconds(15);
  private static final List<String> NODES =
      List.of(
          "edge-local/envoy/ingress-1",
          "edge-local/envoy/ingress-2",
          "edge-local/envoy/egress-1",
          "edge-local/extproc/ingress-1",
          "edge-local/extproc/ingress-2");

  private final Zenctl zenctl;

  ProxyStatusIT(RunningMesh running) {
    this.zenctl = new Zenctl(running.state());
  }

  @Test
  void proxyStatus_listsEveryNodeWithTypeVersionAndAck() {
    Zenctl.Result table =
        Eventually.get(
            "every type acked",
            ACKED,
            () -> {
              Zenctl.Result result = zenctl.run("proxy", "status");
              return result.out().contains("SENT") || result.out().contains("PENDING")
                  ? Eventually.Found.instead(result.out())
                  : Eventually.Found.value(result);
            });

    assertThat(table.status()).as(table.toString()).isZero();
    assertThat(table.err()).isEmpty();
    for (String node : NODES) {
      String name = node.substring(node.lastIndexOf('/') + 1);
      String role = node.split("/")[1];
      assertThat(table.out().lines().filter(line -> line.contains(name) && line.contains(role)))
          .as("%s in %n%s", node, table.out())
          .isNotEmpty();
    }
    assertThat(table.out()).contains("ACKED").doesNotContain("NACKED");
  }

  @Test
  void proxyStatus_asJson_hasEveryNode() {
    Zenctl.Result json = zenctl.run("proxy", "status", "-o", "json");

    assertThat(json.status()).as(json.toString()).isZero();
    JsonNode proxies = new JsonMapper().readTree(json.out()).path("items");
    assertThat(proxies.valueStream().map(node -> node.path("node").asString()))
        .containsExactlyInAnyOrderElementsOf(NODES);
    for (JsonNode proxy : proxies) {
      assertThat(proxy.path("connected").asBoolean()).as("%s", proxy).isTrue();
      assertThat(proxy.path("types").valueStream().map(type -> type.path("state").asString()))
          .as("%s", proxy)
          .isNotEmpty()
          .containsOnly("ACKED");
      assertThat(proxy.path("types").valueStream().map(type -> type.path("version").asString()))
          .allMatch(version -> version.matches("[0-9a-f]{8,64}"));
    }
  }
}
