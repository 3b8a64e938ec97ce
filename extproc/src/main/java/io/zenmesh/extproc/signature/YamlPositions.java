package io.zenmesh.extproc.signature;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Where each key of a YAML document stands. */
final class YamlPositions {
  private static final YAMLFactory FACTORY = YAMLFactory.builder().build();

  private final Map<String, TokenStreamLocation> places = new HashMap<>();

  private YamlPositions() {}

  /**
   * Reads a document.
   *
   * @throws tools.jackson.core.JacksonException when it is no YAML; it knows where
   */
  static YamlPositions of(String yaml) {
    YamlPositions positions = new YamlPositions();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), yaml)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        positions.object("", parser);
      }
    }
    return positions;
  }

  private void object(String path, JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = path.isEmpty() ? parser.currentName() : path + "." + parser.currentName();
      places.putIfAbsent(key, parser.currentTokenLocation());
      value(key, parser, parser.nextToken());
    }
  }

  private void value(String path, JsonParser parser, JsonToken token) {
    if (token == JsonToken.START_OBJECT) {
      object(path, parser);
    } else if (token == JsonToken.START_ARRAY) {
      int index = 0;
      for (JsonToken next = parser.nextToken();
          next != JsonToken.END_ARRAY && next != null;
          next = parser.nextToken()) {
        String element = path + "[" + index++ + "]";
        places.putIfAbsent(element, parser.currentTokenLocation());
        value(element, parser, next);
      }
    }
  }

  /** A finding at a path, or at what encloses it when it is absent. */
  SchemeFinding at(String path, SchemeFinding.Severity severity, String problem) {
    String near = path;
    while (!places.containsKey(near) && near.indexOf('.') > 0) {
      near = near.substring(0, near.lastIndexOf('.'));
    }
    TokenStreamLocation place = places.getOrDefault(near, TokenStreamLocation.NA);
    return new SchemeFinding(
        Math.max(place.getLineNr(), 1), Math.max(place.getColumnNr(), 1), path, severity, problem);
  }
}
