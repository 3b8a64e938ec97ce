package io.zenmesh.extproc.signature;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A YAML document as maps with their keys in order, lists, texts, numbers, flags, and an empty
 * {@link Optional} for null. Loaded with the first document that somebody wrote: the catalogue
 * needs none of it, nor the parser.
 */
final class DocumentTree {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private DocumentTree() {}

  /**
   * The tree of one document.
   *
   * @throws InvalidSchemeException when it is not one, or no mapping
   */
  static Map<?, ?> ofYaml(String yaml) {
    Object tree;
    try (JsonParser parser = YAML.createParser(ObjectReadContext.empty(), yaml)) {
      JsonToken token = parser.nextToken();
      tree = token == null ? Optional.empty() : value("", parser, token);
      if (parser.nextToken() != null) {
        throw new InvalidSchemeException(
            List.of("document: another follows (expected: one YAML document)"));
      }
    } catch (JacksonException e) {
      throw new InvalidSchemeException(
          List.of("document: " + e.getOriginalMessage() + " (expected: one YAML document)"));
    }
    if (tree instanceof Map<?, ?> mapping) {
      return mapping;
    }
    throw new InvalidSchemeException(List.of("document: (expected: a mapping)"));
  }

  /** A value in compact JSON. */
  static String json(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  private static Object value(String path, JsonParser parser, JsonToken token) {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      // The parser gives the anchor's name as the text.
      String where = path.isEmpty() ? "document" : path;
      throw new InvalidSchemeException(List.of(where + ": an alias (expected: the value itself)"));
    }
    return switch (token) {
      case START_OBJECT -> object(path, parser);
      case START_ARRAY -> array(path, parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> Optional.empty();
    };
  }

  private static Map<String, Object> object(String path, JsonParser parser) {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      object.put(
          name, value(path.isEmpty() ? name : path + "." + name, parser, parser.nextToken()));
    }
    return object;
  }

  private static List<Object> array(String path, JsonParser parser) {
    List<Object> array = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != null && token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      array.add(value(path + "[" + array.size() + "]", parser, token));
    }
    return array;
  }
}
