package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.zenmesh.xds.resource.EnvoyTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Every message that differs from another in one field: each scalar changed, each message set or
 * removed, each list longer and shorter, through every {@code Any}.
 */
final class Flips {
  /**
   * One change.
   *
   * @param path where, without indexes
   */
  record Flip(String path, Message changed) {}

  private Flips() {}

  static List<Flip> of(Message message) {
    List<Flip> flips = new ArrayList<>();
    walk("", message, UnaryOperator.identity(), flips);
    return flips;
  }

  private static void walk(
      String path, Message message, UnaryOperator<Message> wrap, List<Flip> flips) {
    if (message.getDescriptorForType().equals(Any.getDescriptor())) {
      any(path, message, wrap, flips);
      return;
    }
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      String fieldPath = path.isEmpty() ? field.getName() : path + "." + field.getName();
      if (field.isRepeated()) {
        repeated(fieldPath, field, message, wrap, flips);
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        nested(fieldPath, field, message, wrap, flips);
      } else {
        Message changed =
            message.toBuilder().setField(field, other(field, message.getField(field))).build();
        flips.add(new Flip(fieldPath, wrap.apply(changed)));
      }
    }
  }

  private static void nested(
      String path,
      FieldDescriptor field,
      Message message,
      UnaryOperator<Message> wrap,
      List<Flip> flips) {
    if (!message.hasField(field)) {
      Message empty = message.toBuilder().newBuilderForField(field).build();
      flips.add(
          new Flip(path + "+", wrap.apply(message.toBuilder().setField(field, empty).build())));
      return;
    }
    flips.add(new Flip(path + "-", wrap.apply(message.toBuilder().clearField(field).build())));
    walk(
        path,
        (Message) message.getField(field),
        inner -> wrap.apply(message.toBuilder().setField(field, inner).build()),
        flips);
  }

  private static void repeated(
      String path,
      FieldDescriptor field,
      Message message,
      UnaryOperator<Message> wrap,
      List<Flip> flips) {
    Object more =
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            ? message.toBuilder().newBuilderForField(field).build()
            : other(field, zero(field));
    flips.add(
        new Flip(
            path + "+", wrap.apply(message.toBuilder().addRepeatedField(field, more).build())));
    int count = message.getRepeatedFieldCount(field);
    if (count > 0) {
      flips.add(new Flip(path + "-", wrap.apply(message.toBuilder().clearField(field).build())));
    }
    for (int i = 0; i < count; i++) {
      int index = i;
      Object element = message.getRepeatedField(field, i);
      UnaryOperator<Message> wrapElement =
          inner -> wrap.apply(message.toBuilder().setRepeatedField(field, index, inner).build());
      if (element instanceof Message inner) {
        walk(path, inner, wrapElement, flips);
      } else {
        Message changed =
            message.toBuilder().setRepeatedField(field, i, other(field, element)).build();
        flips.add(new Flip(path, wrap.apply(changed)));
      }
    }
  }

  private static void any(
      String path, Message message, UnaryOperator<Message> wrap, List<Flip> flips) {
    try {
      Any any = Any.parseFrom(message.toByteString());
      String url = any.getTypeUrl();
      Descriptor type = EnvoyTypes.registry().find(url.substring(url.lastIndexOf('/') + 1));
      if (type == null) {
        throw new AssertionError("unknown type " + url);
      }
      flips.add(new Flip(path + "@type", wrap.apply(any.toBuilder().setTypeUrl("x/y").build())));
      walk(
          path,
          DynamicMessage.parseFrom(type, any.getValue()),
          inner -> wrap.apply(any.toBuilder().setValue(inner.toByteString()).build()),
          flips);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static Object zero(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> 0;
      case LONG -> 0L;
      case FLOAT -> 0f;
      case DOUBLE -> 0d;
      case BOOLEAN -> false;
      case STRING -> "";
      case BYTE_STRING -> ByteString.EMPTY;
      case ENUM -> field.getEnumType().getValues().getFirst();
      case MESSAGE -> throw new AssertionError(field);
    };
  }

  private static Object other(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT -> (int) value + 1;
      case LONG -> (long) value + 1;
      case FLOAT -> (float) value + 1;
      case DOUBLE -> (double) value + 1;
      case BOOLEAN -> !(boolean) value;
      case STRING -> value + "x";
      case BYTE_STRING -> ((ByteString) value).concat(ByteString.copyFromUtf8("x"));
      case ENUM -> otherConstant((EnumValueDescriptor) value);
      case MESSAGE -> throw new AssertionError(field);
    };
  }

  private static EnumValueDescriptor otherConstant(EnumValueDescriptor value) {
    return value.getType().getValues().stream()
        .filter(constant -> constant.getNumber() != value.getNumber())
        .findFirst()
        .orElseGet(() -> value.getType().findValueByNumberCreatingIfUnknown(99));
  }
}
