package io.zenmesh.controlplane.mesh;

import java.util.List;
import java.util.Map;

/** A YAML value and the line it stands on: raw, nothing of it believed yet. */
sealed interface YamlValue {
  /** Counted from 1. */
  int line();

  /** What the value is, in a word for people. */
  String kind();

  /** A scalar; {@code type} is what YAML's core schema makes of it. */
  record Scalar(int line, Type type, String text) implements YamlValue {
    enum Type {
      TEXT("text"),
      INTEGER("a whole number"),
      DECIMAL("a decimal number"),
      BOOLEAN("true or false"),
      NULL("nothing");

      private final String word;

      Type(String word) {
        this.word = word;
      }
    }

    @Override
    public String kind() {
      return type.word;
    }
  }

  /** A sequence. */
  record Listing(int line, List<YamlValue> items) implements YamlValue {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A mapping; keys in the order of the file. */
  record Mapping(int line, Map<String, Member> members) implements YamlValue {
    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** A key's value, with the line of the key. */
  record Member(int line, YamlValue value) {}
}
