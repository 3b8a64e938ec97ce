package io.zenmesh.e2e.bench;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Makes the arms' Envoy configurations from one rendered ingress configuration.
 *
 * <p>In every arm alike: no TLS on the client's side, no access log, and routes that answer at once
 * instead of forwarding. What remains different is what is measured.
 */
final class BenchConfig {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final String EXTENSIONS = "type.googleapis.com/envoy.extensions.filters.http.";
  private static final int BUFFER_BYTES = 4 * 1024 * 1024;

  private BenchConfig() {}

  /** All filters as rendered: the processor, the gate, the router. */
  static String full(String rendered) {
    return YAML.writeValueAsString(common(rendered));
  }

  /** A filter that reads the body, as the processor's does, and the router. */
  static String plain(String rendered) {
    ObjectNode tree = common(rendered);
    ObjectNode manager = manager(tree);
    ArrayNode filters = (ArrayNode) manager.path("http_filters");
    JsonNode router = filters.get(filters.size() - 1);
    ObjectNode buffer = YAML.createObjectNode();
    buffer.put("name", "envoy.filters.http.buffer");
    buffer
        .putObject("typed_config")
        .put("@type", EXTENSIONS + "buffer.v3.Buffer")
        .put("max_request_bytes", BUFFER_BYTES);
    filters.removeAll();
    filters.add(buffer);
    filters.add(router);
    for (JsonNode host : manager.path("route_config").path("virtual_hosts")) {
      for (JsonNode route : host.path("routes")) {
        ((ObjectNode) route).remove("typed_per_filter_config");
      }
    }
    return YAML.writeValueAsString(tree);
  }

  private static ObjectNode common(String rendered) {
    ObjectNode tree = (ObjectNode) YAML.readTree(rendered);
    ObjectNode chain = chain(tree);
    chain.remove("transport_socket");
    chain.remove("transport_socket_connect_timeout");
    ObjectNode manager = manager(tree);
    manager.remove("access_log");
    for (JsonNode host : manager.path("route_config").path("virtual_hosts")) {
      for (JsonNode route : host.path("routes")) {
        ObjectNode changed = (ObjectNode) route;
        changed.remove("route");
        changed
            .putObject("direct_response")
            .put("status", 200)
            .putObject("body")
            .put("inline_string", "ok\n");
      }
    }
    return tree;
  }

  private static ObjectNode chain(ObjectNode tree) {
    return (ObjectNode)
        tree.path("static_resources").path("listeners").get(0).path("filter_chains").get(0);
  }

  private static ObjectNode manager(ObjectNode tree) {
    return (ObjectNode) chain(tree).path("filters").get(0).path("typed_config");
  }
}
