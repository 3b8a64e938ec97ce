package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.async.ByteBufferFeeder;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a few values out of a JSON body, in one pass and without a tree.
 *
 * <p>Bounded: 1 MiB, 32 levels, 100,000 tokens. A name that stands twice in an object on the way to
 * a value is refused, because two parsers could read two values (P13). Text comes as one character
 * per UTF-8 byte, like everything else in the engine; unpaired surrogates, which have no UTF-8, are
 * refused.
 */
final class JsonFields {
  static final int MAX_BYTES = 1024 * 1024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(32)
                  .maxTokenCount(100_000)
                  .maxNumberLength(64)
                  .maxNameLength(256)
                  .maxStringLength(MAX_BYTES)
                  .build())
          .build();

  private final JsonParser parser;
  private final Map<JsonPath, String> found = new HashMap<>();

  private JsonFields(JsonParser parser) {
    this.parser = parser;
  }

  /** A path and how many of its steps were taken. */
  private record Pending(JsonPath path, int taken) {
    boolean arrived() {
      return taken == path.steps().size();
    }

    boolean goesTo(String step) {
      return !arrived() && path.steps().get(taken).equals(step);
    }

    Pending next() {
      return new Pending(path, taken + 1);
    }
  }

  /**
   * The values that are there. Numbers come as they are written; null, objects and arrays count as
   * absent.
   *
   * @throws Refusal {@link Reason#BODY_TOO_LARGE}, {@link Reason#BODY_MALFORMED}
   */
  static Map<JsonPath, String> read(ByteBuffer body, Collection<JsonPath> paths) throws Refusal {
    if (body.remaining() > MAX_BYTES) {
      throw Refusal.of(Reason.BODY_TOO_LARGE);
    }
    try (JsonParser parser = FACTORY.createNonBlockingByteBufferParser(ObjectReadContext.empty())) {
      if (!(parser.nonBlockingInputFeeder() instanceof ByteBufferFeeder feeder)) {
        throw new IllegalStateException("a parser of byte buffers takes byte buffers");
      }
      feeder.feedInput(body);
      feeder.endOfInput();
      JsonFields fields = new JsonFields(parser);
      fields.value(fields.next(), paths.stream().map(path -> new Pending(path, 0)).toList());
      JsonToken after = parser.nextToken();
      // What it says once of blanks at the end, before it says that it is the end.
      if (after == JsonToken.NOT_AVAILABLE) {
        after = parser.nextToken();
      }
      if (after != null) {
        throw Refusal.of(Reason.BODY_MALFORMED);
      }
      return fields.found;
    } catch (JacksonException malformed) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
  }

  private JsonToken next() throws Refusal {
    JsonToken token = parser.nextToken();
    if (token == null || token == JsonToken.NOT_AVAILABLE) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
    return token;
  }

  private void value(JsonToken token, List<Pending> wanted) throws Refusal {
    switch (token) {
      case START_OBJECT -> object(wanted);
      case START_ARRAY -> array(wanted);
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> {
        for (Pending pending : wanted) {
          if (pending.arrived()) {
            found.put(pending.path(), bytewise(parser.getString()));
          }
        }
      }
      case VALUE_NULL -> {
        // Absent.
      }
      default -> throw Refusal.of(Reason.BODY_MALFORMED);
    }
  }

  private void object(List<Pending> wanted) throws Refusal {
    Set<String> names = new HashSet<>();
    for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
      String name = parser.currentName();
      if (!wanted.isEmpty() && !names.add(name)) {
        throw Refusal.of(Reason.BODY_MALFORMED);
      }
      value(next(), onwards(wanted, name));
    }
  }

  private void array(List<Pending> wanted) throws Refusal {
    List<Pending> inside = onwards(wanted, JsonPath.ONLY_ELEMENT);
    int elements = 0;
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      if (++elements > 1 && !inside.isEmpty()) {
        throw Refusal.of(Reason.BODY_MALFORMED);
      }
      value(token, inside);
    }
  }

  private static List<Pending> onwards(List<Pending> wanted, String step) {
    if (wanted.isEmpty()) {
      return wanted;
    }
    List<Pending> onwards = new ArrayList<>(wanted.size());
    for (Pending pending : wanted) {
      if (pending.goesTo(step)) {
        onwards.add(pending.next());
      }
    }
    return onwards;
  }

  private static String bytewise(String text) throws Refusal {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw Refusal.of(Reason.BODY_MALFORMED);
        }
        i++;
      }
    }
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
