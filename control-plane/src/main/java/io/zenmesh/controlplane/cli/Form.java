package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The form in which resources are printed. */
enum Form {
  /** For people. */
  table,
  /** For people with a wide screen. */
  wide,
  /** For programs. */
  json,
  /** As documents that can be applied. */
  yaml;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final YAMLMapper YAML = new YAMLMapper();

  void print(ResourceKind kind, List<JsonNode> items, PrintWriter out) {
    switch (this) {
      case table, wide -> {
        List<List<String>> rows = new ArrayList<>();
        rows.add(kind.heading(this == wide));
        items.forEach(it -> rows.add(kind.row(it, this == wide)));
        TextTable.lines(rows).forEach(out::println);
      }
      case json ->
          out.println(JSON.writeValueAsString(items.size() == 1 ? items.getFirst() : items));
      case yaml -> items.forEach(it -> out.print(YAML.writeValueAsString(it)));
    }
    out.flush();
  }
}
