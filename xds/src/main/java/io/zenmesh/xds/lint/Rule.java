package io.zenmesh.xds.lint;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.zenmesh.xds.identity.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What a field may be where it need not equal the reference. */
@FunctionalInterface
interface Rule {
  /** Judged elsewhere in this package. */
  Rule ELSEWHERE = value -> Optional.empty();

  /**
   * What is wrong with a value; empty when nothing is.
   *
   * @param value the field's value as protobuf reflection gives it, a list for a repeated field;
   *     empty when the field is not set
   */
  Optional<String> problem(Optional<Object> value);

  /** A duration above {@code above} and not over {@code max}. */
  static Rule duration(Duration above, Duration max) {
    return message(
        Duration.parser(),
        duration ->
            Durations.isValid(duration)
                && Durations.compare(duration, above) > 0
                && Durations.compare(duration, max) <= 0,
        "more than " + Durations.toString(above) + ", at most " + Durations.toString(max));
  }

  /** A wrapped unsigned number. */
  static Rule number(long min, long max) {
    return message(
        UInt32Value.parser(),
        number -> {
          long value = Integer.toUnsignedLong(number.getValue());
          return value >= min && value <= max;
        },
        min + " to " + max);
  }

  static Rule text(Predicate<String> allowed, String expected) {
    return value ->
        value.isPresent() && value.get() instanceof String text && allowed.test(text)
            ? Optional.empty()
            : Optional.of("not allowed (expected: " + expected + ")");
  }

  /** A wrapped truth value, either one. */
  static Rule flag() {
    return message(BoolValue.parser(), flag -> true, "true or false");
  }

  /** A repeated field that holds exactly these elements. */
  static Rule exactly(List<?> elements) {
    return value ->
        value.isPresent() && value.get().equals(elements)
            ? Optional.empty()
            : Optional.of("not allowed (expected: " + elements + ")");
  }

  /** A TCP address by host and port, and nothing more. */
  static Rule tcpAddress() {
    return message(Address.parser(), Rule::isTcp, "a TCP address and port");
  }

  /** One or more exact SPIFFE ids; an empty list would let every certificate of the mesh in. */
  static Rule spiffeIds() {
    return value -> {
      List<?> names = value.map(list -> (List<?>) list).orElse(List.of());
      boolean allowed = !names.isEmpty() && names.stream().allMatch(Rule::isExactSpiffeId);
      return allowed
          ? Optional.empty()
          : Optional.of("not allowed (expected: one or more exact SPIFFE ids)");
    };
  }

  /** A set message that satisfies {@code allowed}. */
  static <T extends Message> Rule message(Parser<T> parser, Predicate<T> allowed, String expected) {
    return value ->
        value.map(found -> parse(parser, (Message) found)).filter(allowed).isPresent()
            ? Optional.empty()
            : Optional.of("not allowed (expected: " + expected + ")");
  }

  /** As {@link #message}, or not set at all. */
  static Rule absentOr(Rule rule) {
    return value -> value.isEmpty() ? Optional.empty() : rule.problem(value);
  }

  /** The generated class of what may be a dynamic message; no unknown field is lost. */
  static <T extends Message> T parse(Parser<T> parser, Message message) {
    try {
      return parser.parseFrom(message.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "message: " + message.getDescriptorForType().getFullName() + " (expected: well-formed)",
          e);
    }
  }

  static boolean isTcp(Address address) {
    SocketAddress tcp = address.getSocketAddress();
    Address plain =
        Address.newBuilder()
            .setSocketAddress(
                SocketAddress.newBuilder()
                    .setAddress(tcp.getAddress())
                    .setPortValue(tcp.getPortValue()))
            .build();
    return address.equals(plain)
        && !tcp.getAddress().isEmpty()
        && tcp.getPortValue() >= 1
        && tcp.getPortValue() <= 65535;
  }

  private static boolean isExactSpiffeId(Object element) {
    SubjectAltNameMatcher matcher = parse(SubjectAltNameMatcher.parser(), (Message) element);
    String id = matcher.getMatcher().getExact();
    SubjectAltNameMatcher exact =
        SubjectAltNameMatcher.newBuilder()
            .setSanType(SubjectAltNameMatcher.SanType.URI)
            .setMatcher(StringMatcher.newBuilder().setExact(id))
            .build();
    return matcher.equals(exact) && SpiffeId.parse(id).isPresent();
  }
}
