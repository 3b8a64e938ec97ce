package io.zenmesh.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes protos as block-style YAML with Envoy's field names.
 *
 * <p>Every string is quoted, so that none is taken for a number, a boolean or an anchor.
 */
public final class ProtoYaml {
  private static final String STEP = "  ";

  private ProtoYaml() {}

  /**
   * The YAML text of a message, ending in a line break.
   *
   * @throws IllegalArgumentException when it holds an {@code Any} of a type not in {@link
   *     EnvoyTypes}
   */
  public static String write(Message message) {
    return write(tree(message));
  }

  /** The JSON tree of a message, for changes that its proto class cannot express. */
  static Value tree(Message message) {
    try {
      String json =
          JsonFormat.printer()
              .usingTypeRegistry(EnvoyTypes.registry())
              .preservingProtoFieldNames()
              .print(message);
      Value.Builder tree = Value.newBuilder();
      JsonFormat.parser().merge(json, tree);
      return tree.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "message: " + message.getDescriptorForType().getFullName() + " (expected: known types)",
          e);
    }
  }

  static String write(Value tree) {
    StringBuilder out = new StringBuilder();
    block(out, tree, "");
    return out.toString();
  }

  private static void block(StringBuilder out, Value value, String indent) {
    switch (value.getKindCase()) {
      case STRUCT_VALUE -> {
        for (Map.Entry<String, Value> field : value.getStructValue().getFieldsMap().entrySet()) {
          out.append(indent).append(key(field.getKey())).append(':');
          nested(out, field.getValue(), indent + STEP);
        }
      }
      case LIST_VALUE -> {
        for (Value element : value.getListValue().getValuesList()) {
          out.append(indent).append('-');
          element(out, element, indent + STEP);
        }
      }
      case NULL_VALUE, NUMBER_VALUE, STRING_VALUE, BOOL_VALUE, KIND_NOT_SET ->
          out.append(indent).append(scalar(value)).append('\n');
    }
  }

  private static void nested(StringBuilder out, Value value, String indent) {
    if (isBlock(value)) {
      out.append('\n');
      block(out, value, indent);
    } else {
      out.append(' ').append(scalar(value)).append('\n');
    }
  }

  /** The first field of a list's object stands on the line of the dash. */
  private static void element(StringBuilder out, Value value, String indent) {
    if (!isBlock(value)) {
      out.append(' ').append(scalar(value)).append('\n');
      return;
    }
    StringBuilder inner = new StringBuilder();
    block(inner, value, indent);
    out.append(' ').append(inner, indent.length(), inner.length());
  }

  private static boolean isBlock(Value value) {
    return (value.hasStructValue() && value.getStructValue().getFieldsCount() > 0)
        || (value.hasListValue() && value.getListValue().getValuesCount() > 0);
  }

  private static String scalar(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> "{}";
      case LIST_VALUE -> "[]";
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> quoted(value.getStringValue());
      case NULL_VALUE, KIND_NOT_SET -> "null";
    };
  }

  private static String number(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  private static String key(String key) {
    boolean plain =
        !key.isEmpty()
            && Character.isLetter(key.charAt(0))
            && key.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '.')
            && !List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n").contains(key);
    return plain ? key : quoted(key);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
            out.append("\\x%02x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
