package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.zenmesh.xds.resource.EnvoyTypes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An allow list: a reference message that another must equal, field by field and through every
 * {@code Any}, but for the fields that have a rule.
 *
 * <p>A field that the reference does not set must not be set. A field unknown to the proto classes
 * is a difference, since Envoy may know it.
 */
final class Shape {
  /**
   * A field that is not as it must be.
   *
   * @param path the way to it, such as {@code filter_chains[0].filters}
   */
  record Difference(String path, String problem) {}

  private final Message reference;
  private final Map<String, Rule> rules;

  /**
   * @param rules by the full name of the field, such as {@code
   *     envoy.config.listener.v3.Listener.address}
   */
  Shape(Message reference, Map<String, Rule> rules) {
    this.reference = reference;
    this.rules = Map.copyOf(rules);
  }

  List<Difference> differences(Message actual) {
    List<Difference> found = new ArrayList<>();
    compare("", reference, actual, found);
    return found;
  }

  private void compare(String path, Message expected, Message actual, List<Difference> found) {
    if (!expected
        .getDescriptorForType()
        .getFullName()
        .equals(actual.getDescriptorForType().getFullName())) {
      found.add(new Difference(path, "is a " + actual.getDescriptorForType().getFullName()));
      return;
    }
    for (int number : actual.getUnknownFields().asMap().keySet()) {
      found.add(new Difference(path, "has the unknown field " + number));
    }
    if (actual.getDescriptorForType().equals(Any.getDescriptor())) {
      any(path, expected, actual, found);
      return;
    }
    for (FieldDescriptor field : actual.getDescriptorForType().getFields()) {
      field(join(path, field.getName()), field, expected, actual, found);
    }
  }

  private void field(
      String path,
      FieldDescriptor field,
      Message expected,
      Message actual,
      List<Difference> found) {
    Rule rule = rules.get(field.getFullName());
    if (rule != null) {
      boolean set = field.isRepeated() || !field.hasPresence() || actual.hasField(field);
      Optional<Object> value = set ? Optional.of(actual.getField(field)) : Optional.empty();
      rule.problem(value).ifPresent(problem -> found.add(new Difference(path, problem)));
    } else if (field.isMapField()) {
      map(path, list(expected, field), list(actual, field), found);
    } else if (field.isRepeated()) {
      repeated(path, list(expected, field), list(actual, field), found);
    } else if (field.hasPresence() && expected.hasField(field) != actual.hasField(field)) {
      found.add(
          new Difference(path, expected.hasField(field) ? "missing" : "set (expected: not set)"));
    } else if (!field.hasPresence() || actual.hasField(field)) {
      value(path, expected.getField(field), actual.getField(field), found);
    }
  }

  private void value(String path, Object expected, Object actual, List<Difference> found) {
    if (expected instanceof Message expectedMessage && actual instanceof Message actualMessage) {
      compare(path, expectedMessage, actualMessage, found);
    } else if (!expected.equals(actual)) {
      found.add(new Difference(path, "is " + actual + " (expected: " + expected + ")"));
    }
  }

  private void repeated(String path, List<?> expected, List<?> actual, List<Difference> found) {
    if (expected.size() != actual.size()) {
      found.add(
          new Difference(path, actual.size() + " elements (expected: " + expected.size() + ")"));
    }
    for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
      value(path + "[" + i + "]", expected.get(i), actual.get(i), found);
    }
  }

  private void map(String path, List<?> expected, List<?> actual, List<Difference> found) {
    Map<Object, Object> expectedByKey = byKey(expected);
    Map<Object, Object> actualByKey = byKey(actual);
    if (!expectedByKey.keySet().equals(actualByKey.keySet())) {
      found.add(
          new Difference(
              path,
              "keys " + actualByKey.keySet() + " (expected: " + expectedByKey.keySet() + ")"));
      return;
    }
    expectedByKey.forEach((key, value) -> {
      Object actualValue = actualByKey.get(key);
      if (actualValue != null) {
        value(path + "[" + key + "]", value, actualValue, found);
      }
    });
  }

  private void any(String path, Message expected, Message actual, List<Difference> found) {
    Any expectedAny = Rule.parse(Any.parser(), expected);
    Any actualAny = Rule.parse(Any.parser(), actual);
    if (!expectedAny.getTypeUrl().equals(actualAny.getTypeUrl())) {
      found.add(
          new Difference(
              path,
              "is a " + actualAny.getTypeUrl() + " (expected: " + expectedAny.getTypeUrl() + ")"));
      return;
    }
    try {
      compare(path, unpack(expectedAny), unpack(actualAny), found);
    } catch (InvalidProtocolBufferException e) {
      found.add(new Difference(path, "malformed (expected: " + expectedAny.getTypeUrl() + ")"));
    }
  }

  private static Message unpack(Any any) throws InvalidProtocolBufferException {
    String url = any.getTypeUrl();
    Descriptor type = EnvoyTypes.registry().find(url.substring(url.lastIndexOf('/') + 1));
    if (type == null) {
      throw new InvalidProtocolBufferException("unknown type " + url);
    }
    return DynamicMessage.parseFrom(type, any.getValue());
  }

  private static List<?> list(Message message, FieldDescriptor field) {
    return (List<?>) message.getField(field);
  }

  private static Map<Object, Object> byKey(List<?> entries) {
    Map<Object, Object> byKey = new HashMap<>();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      Descriptor type = pair.getDescriptorForType();
      byKey.put(pair.getField(type.findFieldByNumber(1)), pair.getField(type.findFieldByNumber(2)));
    }
    return byKey;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
