package io.zenmesh.extproc.signature;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads where values stand, and remembers which parts of the signature header are spoken for. */
final class SourceReader {
  private static final ValueSource.Headers NONE =
      new ValueSource.Headers(List.of(SourceText.header("none")));
  private static final String A_PART = "a part's name, [a-z][a-z0-9_]*";

  private final Set<String> parts = new HashSet<>();

  /** One of {@code header}, {@code headers}, {@code part}, {@code json} and {@code query}. */
  ValueSource read(YamlObject node) {
    if (node.has("part")) {
      String name = node.parsed("part", A_PART, "none", SourceText::part);
      if (!parts.add(name)) {
        node.note("part", name, "a part that nothing else reads");
      }
      return new ValueSource.Part(name);
    }
    return outside(node);
  }

  /** The same without {@code part}. */
  static ValueSource outside(YamlObject node) {
    for (String kind : List.of("json", "query")) {
      if (node.has(kind)) {
        return node.parsed(kind, "a name", NONE, text -> SourceText.parse(kind + ":" + text));
      }
    }
    if (node.has("headers")) {
      return headers(node);
    }
    return new ValueSource.Headers(
        List.of(
            node.parsed("header", "a header's name", NONE.names().getFirst(), SourceText::header)));
  }

  private static ValueSource headers(YamlObject node) {
    List<ValueSource.HeaderName> names =
        node.parsedTexts("headers", "header names", SourceText::header);
    return names.isEmpty() ? NONE : new ValueSource.Headers(names);
  }

  /** Notes what a template reads. */
  void noteParts(ValueSource source) {
    if (source instanceof ValueSource.Part(String name)) {
      parts.add(name);
    }
  }

  Set<String> parts() {
    return Set.copyOf(parts);
  }
}
