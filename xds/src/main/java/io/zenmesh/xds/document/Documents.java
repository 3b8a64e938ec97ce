package io.zenmesh.xds.document;

import io.zenmesh.xds.document.Node.Listing;
import io.zenmesh.xds.document.Node.Mapping;
import io.zenmesh.xds.document.Node.Member;
import io.zenmesh.xds.document.Node.Scalar;
import io.zenmesh.xds.document.Node.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one document of YAML or JSON.
 *
 * <p>Narrower than YAML on purpose: no aliases (a small file could unfold into a huge one), no
 * tags, no second document, each key once, nesting of at most {@value #MAX_DEPTH}. What the parser
 * says of malformed text is not repeated, since it may quote the file. Not thread-safe.
 */
public final class Documents {
  static final int MAX_DEPTH = 64;
  private static final String TAGGED_KEY = "a tag on a key (expected: no tags)";
  private static final int MAX_NAME = 512;
  private static final int MAX_NUMBER = 64;
  private static final int MAX_STRING = 4 * 1024 * 1024;

  private final List<Problem> problems = new ArrayList<>();

  /** Those that were not met yet. */
  private final Set<Position> taggedKeys;

  private Documents(Set<Position> taggedKeys) {
    this.taggedKeys = new LinkedHashSet<>(taggedKeys);
  }

  /**
   * What was read.
   *
   * @param root empty when the text is no document
   */
  public record Reading(Optional<Node> root, List<Problem> problems) {
    /** Copies the list. */
    public Reading {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads text as far as it can be read.
   *
   * @param maxCharacters above which nothing is read
   */
  public static Reading read(String text, int maxCharacters) {
    if (text.length() > maxCharacters) {
      return new Reading(
          Optional.empty(),
          List.of(
              new Problem(
                  Position.START,
                  "",
                  text.length() + " characters (expected: at most " + maxCharacters + ")")));
    }
    if (text.stripLeading().startsWith("{")) {
      Reading json = read(json(text), Set.of());
      if (json.root().isPresent()) {
        return json;
      }
    }
    LoadSettings settings = yamlSettings(maxCharacters);
    return read(yaml(text, settings), TaggedKeys.of(text, settings));
  }

  private static JsonParser json(String text) {
    return JsonFactory.builder()
        .streamReadConstraints(constraints())
        .build()
        .createParser(ObjectReadContext.empty(), text);
  }

  private static LoadSettings yamlSettings(int maxCharacters) {
    return LoadSettings.builder()
        .setCodePointLimit(maxCharacters)
        .setMaxAliasesForCollections(0)
        // Told by us, each with its place; the parser would stop at the first.
        .setAllowDuplicateKeys(true)
        .build();
  }

  private static JsonParser yaml(String text, LoadSettings settings) {
    return YAMLFactory.builder()
        .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .loadSettings(settings)
        .streamReadConstraints(constraints())
        .build()
        .createParser(ObjectReadContext.empty(), text);
  }

  private static StreamReadConstraints constraints() {
    return StreamReadConstraints.builder()
        .maxNestingDepth(MAX_DEPTH)
        .maxNameLength(MAX_NAME)
        .maxNumberLength(MAX_NUMBER)
        .maxStringLength(MAX_STRING)
        .build();
  }

  private static Reading read(JsonParser opened, Set<Position> taggedKeys) {
    Documents documents = new Documents(taggedKeys);
    Optional<Node> root = Optional.empty();
    try (JsonParser parser = opened) {
      if (parser.nextToken() == null) {
        documents.add(Position.START, "", "empty (expected: a mapping)");
      } else {
        Node first = documents.value("", parser);
        if (parser.nextToken() != null) {
          documents.add(at(parser), "", "a second document (expected: one)");
        }
        root = Optional.of(first);
      }
      documents.taggedKeys.forEach(at -> documents.add(at, "", TAGGED_KEY));
    } catch (JacksonException e) {
      TokenStreamLocation place = e.getLocation();
      documents.add(
          place == null ? Position.START : position(place),
          "",
          "malformed (expected: well-formed YAML or JSON)");
      root = Optional.empty();
    }
    return new Reading(root, documents.problems);
  }

  private Node value(String path, JsonParser parser) {
    Position at = at(parser);
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      add(at, path, "an alias (expected: the value itself)");
      return new Scalar(at, Type.NULL, "");
    }
    if (parser.getTypeId() != null) {
      add(at, path, "a tag (expected: no tags)");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(path, at, parser);
      case START_ARRAY -> listing(path, at, parser);
      case VALUE_NUMBER_INT -> new Scalar(at, Type.INTEGER, parser.getString());
      case VALUE_NUMBER_FLOAT -> new Scalar(at, Type.DECIMAL, parser.getString());
      case VALUE_TRUE, VALUE_FALSE -> new Scalar(at, Type.BOOLEAN, parser.getString());
      case VALUE_NULL -> new Scalar(at, Type.NULL, "");
      default -> new Scalar(at, Type.TEXT, parser.getString());
    };
  }

  private Mapping mapping(String path, Position at, JsonParser parser) {
    Map<String, Member> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Position keyAt = at(parser);
      String key = parser.currentName();
      String member = path.isEmpty() ? key : path + "." + key;
      if (taggedKeys.remove(keyAt)) {
        add(keyAt, member, TAGGED_KEY);
      }
      parser.nextToken();
      Node value = value(member, parser);
      if (members.putIfAbsent(key, new Member(keyAt, value)) != null) {
        add(keyAt, path, "a key twice (expected: each key once)");
      }
    }
    return new Mapping(at, members);
  }

  private Listing listing(String path, Position at, JsonParser parser) {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(path + "[" + items.size() + "]", parser));
    }
    return new Listing(at, items);
  }

  private void add(Position at, String path, String text) {
    problems.add(new Problem(at, path, text));
  }

  private static Position at(JsonParser parser) {
    return position(parser.currentTokenLocation());
  }

  private static Position position(TokenStreamLocation place) {
    return new Position(Math.max(1, place.getLineNr()), Math.max(1, place.getColumnNr()));
  }
}
