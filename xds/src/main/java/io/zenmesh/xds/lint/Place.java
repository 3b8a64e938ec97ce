package io.zenmesh.xds.lint;

import static java.util.regex.Matcher.quoteReplacement;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.zenmesh.xds.document.Node;
import io.zenmesh.xds.document.Node.Listing;
import io.zenmesh.xds.document.Node.Mapping;
import io.zenmesh.xds.document.Node.Member;
import io.zenmesh.xds.document.Node.Scalar;
import io.zenmesh.xds.document.Node.Type;
import io.zenmesh.xds.document.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A value in a configuration file, with the way to it. Fields are named as in the protos; the
 * camel-case names that JSON also allows are found too.
 */
record Place(Node node, String path) {
  private static final String AT_TYPE = "@type";
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final Pattern UNDERSCORES = Pattern.compile("_+([^_]?)");
  private static final Pattern SEGMENT = Pattern.compile("([^.\\[\\]]+)|\\[([^\\]]*)\\]");

  Position at() {
    return node.at();
  }

  /** The value of a field. */
  Optional<Place> get(String field) {
    return node instanceof Mapping mapping
        ? Optional.ofNullable(fields(mapping).get(field))
        : Optional.empty();
  }

  /** The value at the end of a way of fields. */
  Optional<Place> get(String first, String... more) {
    Optional<Place> found = get(first);
    for (String field : more) {
      found = found.flatMap(place -> place.get(field));
    }
    return found;
  }

  /** Whether a field with this value is one that is not set: an empty list, or nothing. */
  boolean isUnset() {
    return switch (node) {
      case Listing(Position at, List<Node> items) -> items.isEmpty();
      case Scalar scalar -> scalar.type() == Type.NULL;
      case Mapping mapping -> false;
    };
  }

  /** The fields, by their proto names. */
  Map<String, Place> fields() {
    return node instanceof Mapping mapping ? fields(mapping) : Map.of();
  }

  private Map<String, Place> fields(Mapping mapping) {
    Map<String, Place> fields = new LinkedHashMap<>();
    mapping
        .members()
        .forEach(
            (key, member) -> fields.putIfAbsent(snake(key), new Place(member.value(), join(key))));
    return fields;
  }

  /** The members of a map field: keys are data, not names. */
  Map<String, Place> entries() {
    Map<String, Place> entries = new LinkedHashMap<>();
    if (node instanceof Mapping mapping) {
      for (Map.Entry<String, Member> member : mapping.members().entrySet()) {
        entries.put(member.getKey(), new Place(member.getValue().value(), join(member.getKey())));
      }
    }
    return entries;
  }

  /** Where a key names a field that another key of the mapping names already, by that other key. */
  Map<String, Place> secondSpellings() {
    Map<String, Place> seconds = new LinkedHashMap<>();
    if (node instanceof Mapping mapping) {
      Map<String, String> firsts = new HashMap<>();
      mapping
          .members()
          .forEach((key, member) -> {
            String first = firsts.putIfAbsent(camel(key), key);
            if (first != null) {
              seconds.put(first, new Place(new Scalar(member.key(), Type.TEXT, key), join(key)));
            }
          });
    }
    return seconds;
  }

  /** The elements of a list; a value that is no list has none. */
  List<Place> items() {
    List<Place> items = new ArrayList<>();
    if (node instanceof Listing listing) {
      for (Node item : listing.items()) {
        items.add(new Place(item, path + "[" + items.size() + "]"));
      }
    }
    return items;
  }

  /** The elements of a list field. */
  List<Place> items(String field) {
    return get(field).map(Place::items).orElse(List.of());
  }

  /** The text of a scalar, as it is written. */
  Optional<String> text() {
    return node instanceof Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
  }

  /** The text of a scalar field; empty text when there is none. */
  String text(String field) {
    return get(field).flatMap(Place::text).orElse("");
  }

  /** The name of the message type of an {@code Any}, one inside a TypedStruct included. */
  String type() {
    String type = typeName(text(AT_TYPE));
    return type.endsWith(".TypedStruct") ? typeName(text("type_url")) : type;
  }

  /** The message of an {@code Any}, one inside a TypedStruct included. */
  Place typed() {
    boolean struct = typeName(text(AT_TYPE)).endsWith(".TypedStruct");
    return struct
        ? get("value").orElse(new Place(new Mapping(at(), Map.of()), join("value")))
        : this;
  }

  private static String typeName(String url) {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  /** The value somewhere below, or the last one on the way there. */
  Place nearest(String way) {
    Place place = this;
    var segments = SEGMENT.matcher(way);
    while (segments.find()) {
      String name = segments.group(1) == null ? segments.group(2) : segments.group(1);
      Optional<Place> next =
          place.node instanceof Listing && name.matches("[0-9]{1,6}")
              ? place.items().stream().skip(Long.parseLong(name)).findFirst()
              : place.get(name);
      if (next.isEmpty()) {
        return place;
      }
      place = next.get().typed();
    }
    return place;
  }

  /** Whether a text occurs in a key or value here or below. */
  boolean mentions(String text) {
    return switch (node) {
      case Scalar scalar -> scalar.text().contains(text);
      case Listing listing -> items().stream().anyMatch(item -> item.mentions(text));
      case Mapping mapping ->
          entries().entrySet().stream()
              .anyMatch(entry -> entry.getKey().contains(text) || entry.getValue().mentions(text));
    };
  }

  /** Every value of a field of this name, here and below, by its proto name or in camel case. */
  List<Place> fieldsNamed(String field) {
    List<Place> found = new ArrayList<>();
    items().forEach(item -> found.addAll(item.fieldsNamed(field)));
    entries()
        .forEach((key, value) -> {
          if (snake(key).equals(field)) {
            found.add(value);
          }
          found.addAll(value.fieldsNamed(field));
        });
    return found;
  }

  /** Where a scalar is exactly this text, here and below. */
  List<Place> occurrences(String text) {
    return switch (node) {
      case Scalar scalar -> scalar.text().equals(text) ? List.of(this) : List.of();
      case Listing listing ->
          items().stream().flatMap(item -> item.occurrences(text).stream()).toList();
      case Mapping mapping ->
          entries().values().stream().flatMap(value -> value.occurrences(text).stream()).toList();
    };
  }

  /** As a JSON tree, without the type of an {@code Any} at the top. */
  Value message() {
    Value value = value();
    return value.toBuilder()
        .setStructValue(value.getStructValue().toBuilder().removeFields(AT_TYPE))
        .build();
  }

  /** As a JSON tree. */
  Value value() {
    Value.Builder value = Value.newBuilder();
    return switch (node) {
      case Scalar(Position at, Type type, String text) ->
          switch (type) {
            case BOOLEAN -> value.setBoolValue(text.equals("true")).build();
            case NULL -> value.setNullValueValue(0).build();
            case INTEGER, DECIMAL ->
                NUMBER.matcher(text).matches()
                    ? value.setNumberValue(Double.parseDouble(text)).build()
                    : value.setStringValue(text).build();
            case TEXT -> value.setStringValue(text).build();
          };
      case Listing listing -> {
        ListValue.Builder list = ListValue.newBuilder();
        items().forEach(item -> list.addValues(item.value()));
        yield value.setListValue(list).build();
      }
      case Mapping mapping -> {
        Struct.Builder struct = Struct.newBuilder();
        entries().forEach((key, place) -> struct.putFields(key, place.value()));
        yield value.setStructValue(struct).build();
      }
    };
  }

  private String join(String key) {
    boolean plain = key.matches("[A-Za-z_@][A-Za-z0-9_]*");
    String step = plain ? key : "[" + key + "]";
    return path.isEmpty() || !plain ? path + step : path + "." + step;
  }

  /** As protobuf makes the JSON name of a field. */
  private static String camel(String key) {
    return key.indexOf('_') < 0
        ? key
        : UNDERSCORES
            .matcher(key)
            .replaceAll(match -> quoteReplacement(match.group(1).toUpperCase(Locale.ROOT)));
  }

  private static String snake(String key) {
    if (key.startsWith("@") || key.chars().noneMatch(Character::isUpperCase)) {
      return key;
    }
    return key.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
