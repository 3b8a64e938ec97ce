package io.zenmesh.e2e.edge;

import io.zenmesh.e2e.check.Field;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * One request-smuggling case.
 *
 * @param file where it stands
 * @param name what it is called there
 * @param method its method, which may be malformed
 * @param uri its request target
 * @param version its protocol version
 * @param headers its header lines; name and value are joined by a bare colon
 */
record DesyncCase(
    String file, String name, String method, String uri, String version, List<Field> headers) {
  private static final List<String> FILES =
      List.of(
          "acceptable",
          "ambiguous",
          "bad-header-characters",
          "edge-cases",
          "more-compliant-tests",
          "real-life-test-cases",
          "rfc-compliant",
          "severe",
          "uri-specific-test-cases");

  /** All of them; a missing file fails. */
  static List<DesyncCase> all() throws IOException {
    List<DesyncCase> cases = new ArrayList<>();
    for (String file : FILES) {
      String resource = "/vectors/desync/" + file + ".yaml";
      try (InputStream in =
          Objects.requireNonNull(DesyncCase.class.getResourceAsStream(resource), resource)) {
        for (JsonNode node : new YAMLMapper().readTree(in)) {
          cases.add(read(file, node));
        }
      }
    }
    return cases;
  }

  private static DesyncCase read(String file, JsonNode node) {
    List<Field> headers = new ArrayList<>();
    for (JsonNode header : node.path("headers")) {
      headers.add(new Field(header.path("name").asString(), header.path("value").asString()));
    }
    return new DesyncCase(
        file,
        node.path("name").asString(),
        node.path("method").asString(),
        node.path("uri").asString(),
        node.path("version").asString(),
        headers);
  }

  @Override
  public String toString() {
    return file + ": " + name;
  }
}
