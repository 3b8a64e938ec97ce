package io.zenmesh.xds.document;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value of a YAML or JSON file: raw, nothing of it believed yet. Immutable. */
public sealed interface Node {
  /** Where the value begins. */
  Position at();

  /** What it is, in a word for people. */
  String kind();

  /** What YAML's core schema makes of a scalar. */
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

  /**
   * Text, a number, a truth value or nothing.
   *
   * @param text as it is written, empty for nothing
   */
  record Scalar(Position at, Type type, String text) implements Node {
    @Override
    public String kind() {
      return type.word;
    }
  }

  /** A sequence. */
  record Listing(Position at, List<Node> items) implements Node {
    /** Copies the list. */
    public Listing {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /**
   * A mapping.
   *
   * @param members in the order of the file
   */
  record Mapping(Position at, Map<String, Member> members) implements Node {
    /** Copies the map. */
    public Mapping {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    @Override
    public String kind() {
      return "a mapping";
    }

    /** The value under a key. */
    public Optional<Node> get(String key) {
      return Optional.ofNullable(members.get(key)).map(Member::value);
    }
  }

  /**
   * A key's value.
   *
   * @param key where the key stands
   */
  record Member(Position key, Node value) {}
}
