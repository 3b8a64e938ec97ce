package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The other ways in which one JSON document is commonly written, to tell whether something between
 * sender and us parsed it and wrote it again. Only for explanations.
 *
 * @param name for people
 * @param item between two items
 * @param key between a name and its value
 * @param indent blanks of one level; 0 for one line
 * @param ascii whether other characters are escaped
 * @param sorted whether names are sorted
 */
record JsonSpelling(
    String name, String item, String key, int indent, boolean ascii, boolean sorted) {
  private static final List<JsonSpelling> ALL =
      List.of(
          new JsonSpelling("without blanks", ",", ":", 0, false, false),
          new JsonSpelling("without blanks, escaped to ASCII", ",", ":", 0, true, false),
          new JsonSpelling("with a blank after colons and commas", ", ", ": ", 0, false, false),
          new JsonSpelling(
              "with a blank after colons and commas, escaped to ASCII", ", ", ": ", 0, true, false),
          new JsonSpelling("indented by two", ",", ": ", 2, false, false),
          new JsonSpelling("indented by four", ",", ": ", 4, false, false),
          new JsonSpelling("without blanks, names sorted", ",", ":", 0, false, true));

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(32).build())
                  .build())
          .build();

  /** A body, and how it is written. */
  record Written(String name, byte[] body) {}

  /**
   * Every other spelling of a body, with and without a line end after it; none when it is no JSON,
   * or over 1 MiB.
   */
  static List<Written> others(ByteBuffer body) {
    if (body.remaining() > JsonFields.MAX_BYTES) {
      return List.of();
    }
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    JsonNode document;
    try {
      document = MAPPER.readTree(bytes);
    } catch (JacksonException notJson) {
      return List.of();
    }
    // By text: two spellings of one document may be the same, and the first says more.
    Map<String, String> names = new LinkedHashMap<>();
    for (JsonSpelling spelling : ALL) {
      StringBuilder text = new StringBuilder();
      spelling.write(document, 0, text);
      names.putIfAbsent(text.toString(), spelling.name);
      names.putIfAbsent(text + "\n", spelling.name + ", with a line end after it");
    }
    List<Written> others = new ArrayList<>();
    names.forEach(
        (text, name) -> others.add(new Written(name, text.getBytes(StandardCharsets.UTF_8))));
    return others;
  }

  private void write(JsonNode node, int depth, StringBuilder text) {
    if (node.isObject() && !node.isEmpty()) {
      List<Map.Entry<String, JsonNode>> members = new ArrayList<>(node.properties());
      if (sorted) {
        members.sort(Map.Entry.comparingByKey());
      }
      text.append('{');
      String between = "";
      for (Map.Entry<String, JsonNode> member : members) {
        text.append(between);
        line(depth + 1, text);
        string(MAPPER.writeValueAsString(member.getKey()), text);
        text.append(key);
        write(member.getValue(), depth + 1, text);
        between = item;
      }
      line(depth, text);
      text.append('}');
    } else if (node.isArray() && !node.isEmpty()) {
      text.append('[');
      String between = "";
      for (JsonNode element : node) {
        text.append(between);
        line(depth + 1, text);
        write(element, depth + 1, text);
        between = item;
      }
      line(depth, text);
      text.append(']');
    } else {
      string(node.toString(), text);
    }
  }

  private void line(int depth, StringBuilder text) {
    if (indent > 0) {
      text.append('\n').append(" ".repeat(indent * depth));
    }
  }

  private void string(String json, StringBuilder text) {
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (ascii && c > '~') {
        text.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        text.append(c);
      }
    }
  }
}
