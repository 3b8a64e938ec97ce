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

/**
 * One mapping of a YAML document, read key by key. What is wrong is noted and a stand-in returned,
 * so that one reading finds every problem; whoever opened the document throws when there are any.
 */
final class YamlObject {
  private static final int SHOWN = 60;

  private final String path;
  private final Map<?, ?> node;
  private final List<String> problems;
  private final Set<String> read = new HashSet<>();

  YamlObject(String path, Map<?, ?> node, List<String> problems) {
    this.path = path;
    this.node = node;
    this.problems = problems;
  }

  boolean has(String key) {
    return node.containsKey(key);
  }

  boolean isText(String key) {
    return node.get(key) instanceof String;
  }

  /** A text of any content; empty when it is missing, which is noted. */
  String text(String key, String expected) {
    return parsed(key, expected, "", Function.identity());
  }

  /** A text that must parse; {@code standIn} when it is missing or does not, which is noted. */
  <T> T parsed(String key, String expected, T standIn, Function<String, T> parser) {
    Optional<T> value = optional(key, expected, parser);
    if (value.isEmpty() && !node.containsKey(key)) {
      note(key, "missing", expected);
    }
    return value.orElse(standIn);
  }

  /** A text that must parse if it is there. */
  <T> Optional<T> optional(String key, String expected, Function<String, T> parser) {
    read.add(key);
    Object value = node.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      note(key, shown(value), expected);
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException e) {
      note(key, shown(value), expected);
      return Optional.empty();
    }
  }

  /** One of a closed set of words. */
  <T> T choice(String key, Map<String, T> words, T standIn) {
    read.add(key);
    Object value = node.get(key);
    T chosen = value instanceof String word ? words.get(word) : null;
    if (chosen == null) {
      String expected = String.join(" | ", words.keySet().stream().sorted().toList());
      note(key, value == null ? "missing" : shown(value), expected);
      return standIn;
    }
    return chosen;
  }

  boolean flag(String key) {
    read.add(key);
    Object value = node.get(key);
    if (value instanceof Boolean flag) {
      return flag;
    }
    note(key, value == null ? "missing" : shown(value), "true | false");
    return false;
  }

  int number(String key, int least, int most) {
    read.add(key);
    Object value = node.get(key);
    if (value instanceof Integer number && number >= least && number <= most) {
      return number;
    }
    note(key, value == null ? "missing" : shown(value), least + " to " + most);
    return least;
  }

  /** A list of texts, at least one. */
  List<String> texts(String key, String expected) {
    read.add(key);
    Object value = node.get(key);
    List<?> list = value instanceof List<?> some ? some : List.of();
    List<String> texts = new ArrayList<>();
    for (Object each : list) {
      if (each instanceof String text) {
        texts.add(text);
      }
    }
    if (texts.isEmpty() || texts.size() < list.size()) {
      note(key, value == null ? "missing" : shown(value), expected);
      return List.of();
    }
    return texts;
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
    if (!node.containsKey(key)) {
      note(key, "missing", "a mapping");
    }
    return optionalObject(key)
        .orElseGet(() -> new YamlObject(join(key), Map.of(), new ArrayList<>()));
  }

  Optional<YamlObject> optionalObject(String key) {
    read.add(key);
    Object value = node.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Map<?, ?> mapping) {
      return Optional.of(new YamlObject(join(key), mapping, problems));
    }
    note(key, shown(value), "a mapping");
    return Optional.empty();
  }

  /** A list of mappings, empty when it is missing. */
  List<YamlObject> objects(String key) {
    read.add(key);
    Object value = node.get(key);
    if (value == null) {
      return List.of();
    }
    List<?> list = value instanceof List<?> some ? some : List.of();
    List<YamlObject> objects = new ArrayList<>();
    for (Object each : list) {
      if (each instanceof Map<?, ?> mapping) {
        objects.add(new YamlObject(join(key) + "[" + objects.size() + "]", mapping, problems));
      }
    }
    if (objects.isEmpty() || objects.size() < list.size()) {
      note(key, shown(value), "a list of mappings");
      return List.of();
    }
    return objects;
  }

  /** A mapping of texts, empty when it is missing. */
  Map<String, String> entries(String key) {
    read.add(key);
    Object value = node.get(key);
    if (value == null) {
      return Map.of();
    }
    Map<String, String> entries = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> mapping) {
      mapping.forEach((name, text) -> {
        if (text instanceof String) {
          entries.put(name.toString(), text.toString());
        }
      });
      if (entries.size() == mapping.size()) {
        return Collections.unmodifiableMap(entries);
      }
    }
    note(key, shown(value), "a mapping of texts");
    return Map.of();
  }

  /** Whether it is there and true. */
  boolean optionalFlag(String key) {
    return node.containsKey(key) && flag(key);
  }

  /** Notes every key that nobody asked for. */
  void finish() {
    for (Object key : node.keySet()) {
      if (!read.contains(key)) {
        note(key.toString(), "unknown key", String.join(", ", read.stream().sorted().toList()));
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

  private static String shown(Object value) {
    String text = DocumentTree.json(value);
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }
}
