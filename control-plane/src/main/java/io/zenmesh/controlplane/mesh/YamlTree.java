package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.YamlValue.Listing;
import io.zenmesh.controlplane.mesh.YamlValue.Mapping;
import io.zenmesh.controlplane.mesh.YamlValue.Member;
import io.zenmesh.controlplane.mesh.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads YAML text into {@link YamlValue}s with their lines.
 *
 * <p>Narrower than YAML on purpose: no aliases (a small file could unfold into a huge one), no
 * tags, no duplicate keys, nesting of at most {@value #MAX_DEPTH}. Not thread-safe.
 */
final class YamlTree {
  static final int MAX_DEPTH = 16;
  static final int MAX_DOCUMENTS = 10_000;
  static final int MAX_CHARACTERS = 10 * 1024 * 1024;

  private static final YAMLFactory FACTORY =
      YAMLFactory.builder()
          .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .loadSettings(
              LoadSettings.builder()
                  .setCodePointLimit(MAX_CHARACTERS)
                  .setMaxAliasesForCollections(0)
                  // Told by us, each with its line; the parser would stop at the first.
                  .setAllowDuplicateKeys(true)
                  .build())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(256)
                  .maxNumberLength(64)
                  .maxStringLength(64 * 1024)
                  .build())
          .build();

  private static final Set<String> HARMLESS =
      Set.of(
          "mapping values are not allowed here",
          "could not find expected ':'",
          "while parsing a flow sequence",
          "while parsing a flow mapping",
          "while parsing a block mapping",
          "while parsing a block collection",
          "while scanning a quoted scalar",
          "while scanning a simple key",
          "while scanning for the next token");

  private final Problems problems;

  private YamlTree(Problems problems) {
    this.problems = problems;
  }

  /** The documents of {@code text}, as far as it could be read. */
  static List<YamlValue> read(String text, Problems problems) {
    if (text.length() > MAX_CHARACTERS) {
      problems.add(1, "", "file", text.length() + " characters", "at most " + MAX_CHARACTERS);
      return List.of();
    }
    List<YamlValue> documents = new ArrayList<>();
    YamlTree tree = new YamlTree(problems);
    try (YAMLParser parser = (YAMLParser) FACTORY.createParser(ObjectReadContext.empty(), text)) {
      while (parser.nextToken() != null) {
        if (documents.size() == MAX_DOCUMENTS) {
          problems.add(line(parser), "", "documents", "more", "at most " + MAX_DOCUMENTS);
          return documents;
        }
        documents.add(tree.value(parser));
      }
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      problems.add(line, "", "YAML: " + reason(e));
    }
    return documents;
  }

  /** The parser's message only when it is one that repeats nothing of the file. */
  private static String reason(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    int end = message.indexOf('\n');
    String first = end < 0 ? message : message.substring(0, end);
    return (HARMLESS.contains(first) ? first : "malformed") + " (expected: well-formed YAML)";
  }

  private YamlValue value(YAMLParser parser) {
    int line = line(parser);
    if (parser.isCurrentAlias()) {
      problems.add(line, "", "alias", "given", "no aliases");
      return new Scalar(line, Scalar.Type.NULL, "");
    }
    if (parser.getTypeId() != null) {
      problems.add(line, "", "tag", "given", "no tags");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(parser, line);
      case START_ARRAY -> listing(parser, line);
      case VALUE_NUMBER_INT -> new Scalar(line, Scalar.Type.INTEGER, parser.getString());
      case VALUE_NUMBER_FLOAT -> new Scalar(line, Scalar.Type.DECIMAL, parser.getString());
      case VALUE_TRUE, VALUE_FALSE -> new Scalar(line, Scalar.Type.BOOLEAN, parser.getString());
      case VALUE_NULL -> new Scalar(line, Scalar.Type.NULL, "");
      default -> new Scalar(line, Scalar.Type.TEXT, parser.getString());
    };
  }

  private Mapping mapping(YAMLParser parser, int line) {
    Map<String, Member> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      int keyLine = line(parser);
      String key = parser.currentName();
      parser.nextToken();
      if (members.putIfAbsent(key, new Member(keyLine, value(parser))) != null) {
        problems.add(keyLine, "", "key", "given twice", "each key once");
      }
    }
    return new Mapping(line, members);
  }

  private Listing listing(YAMLParser parser, int line) {
    List<YamlValue> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(parser));
    }
    return new Listing(line, List.copyOf(items));
  }

  private static int line(YAMLParser parser) {
    return Math.max(1, parser.currentTokenLocation().getLineNr());
  }
}
