package io.zenmesh.envoyconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.lint.EnvoyLinter;
import io.zenmesh.xds.lint.KnownEndpoints;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.KubernetesEnvoy;
import io.zenmesh.xds.standalone.StandaloneConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The manifests for Envoy Gateway and Istio, which cannot be run here: their shape, and that what
 * their patches make of such a gateway's Envoy loads in a real one and has no way past the
 * processor. The patches are applied by this test as their controllers document it.
 */
class GatewayManifestsTest {
  private static final String HCM = "envoy.filters.network.http_connection_manager";
  private static final Pattern ROUTE =
      Pattern.compile(
          "\\$\\.virtual_hosts\\[\\?\\(@\\.domains\\[0\\] == '([^']+)'\\)\\]"
              + "\\.routes\\[\\?\\(@\\.match\\.path == '([^']+)'\\)\\]");

  /** As a gateway's controller generates it: one listener, its router, routes of its own names. */
  private static final String GENERATED =
      """
      static_resources:
        listeners:
          - name: default/eg/https
            address: {socket_address: {address: 127.0.0.1, port_value: 8443}}
            filter_chains:
              - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: https
                      common_http_protocol_options: {headers_with_underscores_action: REJECT_REQUEST}
                      http_filters:
                        - name: envoy.filters.http.router
                          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                      route_config:
                        name: default/eg/https
                        virtual_hosts:
                          - name: default/eg/https/hooks_acme_example
                            domains: [hooks.acme.example]
                            routes:
                              - {name: "ORDERS", match: {path: /orders}, route: {cluster: orders, upgrade_configs: [{upgrade_type: websocket}]}}
                              - {name: "PAYMENTS", match: {path: /payments}, route: {cluster: payments, upgrade_configs: [{upgrade_type: websocket}]}}
                          - name: default/eg/https/hooks_globex_example
                            domains: [hooks.globex.example]
                            routes:
                              - {name: "BUILDS", match: {path: /builds}, route: {cluster: builds, upgrade_configs: [{upgrade_type: websocket}]}}
        clusters:
          - {name: orders, type: STATIC}
          - {name: payments, type: STATIC}
          - {name: builds, type: STATIC}
      """;

  @TempDir private Path directory;
  private final JsonMapper json = JsonMapper.builder().build();
  private final ObjectNode envoy = (ObjectNode) new YAMLMapper().readTree(GENERATED);

  private static List<JsonNode> documents(String text) {
    try (MappingIterator<JsonNode> documents =
        new YAMLMapper().readerFor(JsonNode.class).readValues(text)) {
      return documents.readAll();
    }
  }

  private ObjectNode listener() {
    return (ObjectNode) envoy.get("static_resources").get("listeners").get(0);
  }

  private ObjectNode manager() {
    return (ObjectNode)
        listener().get("filter_chains").get(0).get("filters").get(0).get("typed_config");
  }

  private void addCluster(JsonNode cluster) {
    ((ArrayNode) envoy.get("static_resources").get("clusters")).add(cluster);
  }

  private List<ObjectNode> routes() {
    List<ObjectNode> routes = new ArrayList<>();
    manager()
        .get("route_config")
        .get("virtual_hosts")
        .forEach(host -> host.get("routes").forEach(route -> routes.add((ObjectNode) route)));
    return routes;
  }

  @Test
  void generatedAlone_isOpen() {
    assertThat(EnvoyLinter.lint(json.writeValueAsString(envoy)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.problem()).contains("no listener asks"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void E14_envoyGatewaysPatches_closeWhatItGenerates(boolean dryRun) throws IOException {
    StandaloneConfig config = config(dryRun);
    List<JsonNode> documents = documents(manifests(config).envoyGateway("default", "eg", "https"));
    assertThat(documents)
        .extracting(document -> document.get("kind").asString())
        .containsExactly("ClientTrafficPolicy", "EnvoyPatchPolicy");
    assertThat(documents)
        .allMatch(document ->
            document.get("apiVersion").asString().equals("gateway.envoyproxy.io/v1alpha1"));
    JsonNode spec = documents.get(1).get("spec");
    assertThat(spec.get("type").asString()).isEqualTo("JSONPatch");
    assertThat(spec.get("targetRef").get("kind").asString()).isEqualTo("Gateway");
    for (JsonNode patch : spec.get("jsonPatches")) {
      apply(patch.get("type").asString(), patch.get("name").asString(), patch.get("operation"));
    }
    loadsAndIsClosed(config, dryRun);
  }

  private void apply(String type, String name, JsonNode operation) {
    assertThat(operation.get("op").asString()).isEqualTo("add");
    JsonNode value = operation.get("value");
    String path = operation.get("path").asString();
    switch (type) {
      case "type.googleapis.com/envoy.config.cluster.v3.Cluster" -> {
        assertThat(name).isEqualTo("zen_extproc");
        assertThat(path).isEmpty();
        addCluster(value);
      }
      case "type.googleapis.com/envoy.config.listener.v3.Listener" -> {
        assertThat(name).isEqualTo("default/eg/https");
        assertThat(operation.get("jsonPath").asString())
            .isEqualTo("$..filters[?(@.name == '" + HCM + "')]");
        if (path.equals("/typed_config/http_filters/0")) {
          ((ArrayNode) manager().get("http_filters")).insert(0, value);
        } else {
          manager().set(path.replace("/typed_config/", ""), value);
        }
      }
      case "type.googleapis.com/envoy.config.route.v3.RouteConfiguration" -> {
        Matcher found = ROUTE.matcher(operation.get("jsonPath").asString());
        assertThat(found.matches()).as(operation.get("jsonPath").asString()).isTrue();
        for (ObjectNode route : routes()) {
          if (route.get("match").get("path").asString().equals(found.group(2))) {
            if (path.startsWith("/route/")) {
              ((ObjectNode) route.get("route")).set(path.substring("/route/".length()), value);
            } else {
              route.set(path.substring(1), value);
            }
          }
        }
      }
      default -> throw new AssertionError("not a type that Envoy Gateway patches: " + type);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void E14_istiosPatches_closeWhatItGenerates(boolean dryRun) throws IOException {
    StandaloneConfig config = config(dryRun);
    List<JsonNode> documents = documents(manifests(config).istio("istio-system", "ingressgateway"));
    assertThat(documents).hasSize(1);
    assertThat(documents.getFirst().get("kind").asString()).isEqualTo("EnvoyFilter");
    assertThat(documents.getFirst().get("apiVersion").asString())
        .isEqualTo("networking.istio.io/v1alpha3");
    // Istio names a route as its VirtualService does, and has no upgrades unless asked.
    List<String> names = List.of("acme/orders", "acme/payments", "globex/builds");
    for (int i = 0; i < names.size(); i++) {
      routes().get(i).put("name", names.get(i));
      ((ObjectNode) routes().get(i).get("route")).remove("upgrade_configs");
    }
    for (JsonNode patch : documents.getFirst().get("spec").get("configPatches")) {
      JsonNode match = patch.get("match");
      assertThat(match.get("context").asString()).isEqualTo("GATEWAY");
      String operation = patch.get("patch").get("operation").asString();
      JsonNode value = patch.get("patch").get("value");
      String kind = patch.get("applyTo").asString();
      switch (kind + " " + operation) {
        case "CLUSTER ADD" -> addCluster(value);
        case "LISTENER MERGE" -> listener().setAll((ObjectNode) value);
        case "NETWORK_FILTER MERGE" -> {
          assertThat(chainFilter(match).get("name").asString()).isEqualTo(HCM);
          manager().setAll((ObjectNode) value.get("typed_config"));
        }
        case "HTTP_FILTER INSERT_BEFORE" -> {
          assertThat(chainFilter(match).get("subFilter").get("name").asString())
              .isEqualTo("envoy.filters.http.router");
          ArrayNode filters = (ArrayNode) manager().get("http_filters");
          filters.insert(filters.size() - 1, value);
        }
        case "HTTP_ROUTE MERGE" -> {
          String name =
              match.get("routeConfiguration").get("vhost").get("route").get("name").asString();
          routes().stream()
              .filter(route -> route.get("name").asString().equals(name))
              .forEach(route -> route.setAll((ObjectNode) value));
        }
        default -> throw new AssertionError("not a patch that is meant: " + kind + operation);
      }
    }
    loadsAndIsClosed(config, dryRun);
  }

  private static JsonNode chainFilter(JsonNode match) {
    return match.get("listener").get("filterChain").get("filter");
  }

  private static StandaloneConfig config(boolean dryRun) throws IOException {
    return dryRun ? StandaloneExamples.dryRunConfig() : StandaloneExamples.config();
  }

  private static KubernetesEnvoy manifests(StandaloneConfig config) {
    return new KubernetesEnvoy(StandaloneExamples.envoy(config, StandaloneExamples.MTLS));
  }

  private void loadsAndIsClosed(StandaloneConfig config, boolean dryRun) throws IOException {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    pki.issue(directory.resolve("envoy"), Leaf.workload("/envoy"));
    String text =
        json.writeValueAsString(envoy).replace("/etc/zen/envoy", directory.resolve("envoy") + "");
    assertThat(EnvoyLinter.lint(text, KnownEndpoints.of(config, StandaloneExamples::outcomeNeeded)))
        .isEmpty();
    assertThat(EnvoyLinter.lint(text)).hasSize(dryRun ? 2 : 0);
    Optional<String> complaint =
        EnvoyBinary.find().complaint(Files.writeString(directory.resolve("gateway.json"), text));
    assertThat(complaint).isEmpty();
  }
}
