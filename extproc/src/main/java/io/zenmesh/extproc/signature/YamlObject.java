package io.zenmesh.extproc.signature;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One mapping of a YAML document, read key by key. What is wrong is noted and a stand-in returned,
 * so that one reading finds every problem; whoever opened the document throws when there are any.
 */
final class YamlObject {
  private static final int SHOWN = 60;

  private final String path;
  private final JsonNode node;
  private final List<String> problems;
  private final Set<String> read = new HashSet<>();

  YamlObject(String path, JsonNode node, List<String> problems) {
    this.path = path;
    this.node = node;
    this.problems = problems;
  }

  boolean has(String key) {
    return node.has(key);
  }

  boolean isText(String key) {
    JsonNode value = node.get(key);
    return value != null && value.isString();
  }

  /** A text of any content; empty when it is missing, which is noted. */
  String text(String key, String expected) {
    return parsed(key, expected, "", Function.identity());
  }

  /** A text that must parse; {@code standIn} when it is missing or does not, which is noted. */
  <T> T parsed(String key, String expected, T standIn, Function<String, T> parser) {
    Optional<T> value = optional(key, expected, parser);
    if (value.isEmpty() && !node.has(key)) {
      note(key, "missing", expected);
    }
    return value.orElse(standIn);
  }

  /** A text that must parse if it is there. */
  <T> Optional<T> optional(String key, String expected, Function<String, T> parser) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isString()) {
      note(key, shown(value), expected);
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(value.stringValue()));
    } catch (IllegalArgumentException e) {
      note(key, shown(value), expected);
      return Optional.empty();
    }
  }

  /** One of a closed set of words. */
  <T> T choice(String key, Map<String, T> words, T standIn) {
    read.add(key);
    JsonNode value = node.get(key);
    T chosen = value != null && value.isString() ? words.get(value.stringValue()) : null;
    if (chosen == null) {
      String expected = String.join(" | ", words.keySet().stream().sorted().toList());
      note(key, value == null ? "missing" : shown(value), expected);
      return standIn;
    }
    return chosen;
  }

  boolean flag(String key) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null || !value.isBoolean()) {
      note(key, value == null ? "missing" : shown(value), "true | false");
      return false;
    }
    return value.booleanValue();
  }

  int number(String key, int least, int most) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null || !value.isInt() || value.intValue() < least || value.intValue() > most) {
      note(key, value == null ? "missing" : shown(value), least + " to " + most);
      return least;
    }
    return value.intValue();
  }

  /** A list of texts, at least one. */
  List<String> texts(String key, String expected) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null
        || !value.isArray()
        || value.isEmpty()
        || !value.valueStream().allMatch(JsonNode::isString)) {
      note(key, value == null ? "missing" : shown(value), expected);
      return List.of();
    }
    return value.valueStream().map(JsonNode::stringValue).toList();
  }

  /** A list of texts that must each parse, at least one; those that do not are noted. */
  <T> List<T> parsedTexts(String key, String expected, Function<String, T> parser) {
    List<T> all = new ArrayList<>();
    for (String text : texts(key, "a list of " + expected)) {
      try {
        all.add(parser.apply(text));
      } catch (IllegalArgumentException e) {
        note(key, text, expected);
      }
    }
    return List.copyOf(all);
  }

  /** A mapping; a mapping without keys when it is missing, which is noted. */
  YamlObject object(String key) {
    if (!node.has(key)) {
      note(key, "missing", "a mapping");
    }
    return optionalObject(key)
        .orElseGet(() ->
            new YamlObject(join(key), JsonNodeFactory.instance.objectNode(), new ArrayList<>()));
  }

  Optional<YamlObject> optionalObject(String key) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      note(key, shown(value), "a mapping");
      return Optional.empty();
    }
    return Optional.of(new YamlObject(join(key), value, problems));
  }

  /** A list of mappings, empty when it is missing. */
  List<YamlObject> objects(String key) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray() || value.isEmpty() || !value.valueStream().allMatch(JsonNode::isObject)) {
      note(key, shown(value), "a list of mappings");
      return List.of();
    }
    List<YamlObject> objects = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      objects.add(new YamlObject(join(key) + "[" + i + "]", value.get(i), problems));
    }
    return objects;
  }

  /** A mapping of texts, empty when it is missing. */
  Map<String, String> entries(String key) {
    read.add(key);
    JsonNode value = node.get(key);
    if (value == null) {
      return Map.of();
    }
    if (!value.isObject() || !value.valueStream().allMatch(JsonNode::isString)) {
      note(key, shown(value), "a mapping of texts");
      return Map.of();
    }
    Map<String, String> entries = new LinkedHashMap<>();
    value
        .properties()
        .forEach(entry -> entries.put(entry.getKey(), entry.getValue().stringValue()));
    return Collections.unmodifiableMap(entries);
  }

  /** Whether it is there and true. */
  boolean optionalFlag(String key) {
    return node.has(key) && flag(key);
  }

  /** Notes every key that nobody asked for. */
  void finish() {
    for (String key : node.propertyNames()) {
      if (!read.contains(key)) {
        note(key, "unknown key", String.join(", ", read.stream().sorted().toList()));
      }
    }
  }

  /** Notes a problem at a key of this mapping. */
  void note(String key, String found, String expected) {
    problems.add(join(key) + ": " + found + " (expected: " + expected + ")");
  }

  private String join(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }
}
