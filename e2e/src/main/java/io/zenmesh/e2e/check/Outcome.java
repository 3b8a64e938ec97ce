package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a request ended for the client that sent it. */
public sealed interface Outcome {
  /** From the first byte written until the outcome was known. */
  Duration latency();

  /** The HTTP status, if there was an answer. */
  default Optional<Integer> status() {
    return this instanceof Answered answered ? Optional.of(answered.code()) : Optional.empty();
  }

  /** The {@code code} of a problem+json body; empty for any other answer. */
  default Optional<String> problemCode() {
    return this instanceof Answered answered ? answered.problem() : Optional.empty();
  }

  /**
   * A complete answer.
   *
   * @param code the HTTP status
   * @param headers the header fields, pseudo-headers left out
   * @param body the body, framing removed
   * @param latency until the answer was complete
   */
  record Answered(int code, List<Field> headers, ByteString body, Duration latency)
      implements Outcome {
    private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*\"([a-z_]{1,64})\"");

    public Answered {
      headers = List.copyOf(headers);
    }

    private Optional<String> problem() {
      boolean isProblem =
          Field.values(headers, "content-type").stream()
              .anyMatch(type -> type.startsWith("application/problem+json"));
      Matcher matcher = CODE.matcher(body.toStringUtf8());
      return isProblem && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
  }

  /**
   * The connection or stream ended without a complete answer.
   *
   * @param why what was seen, such as {@code stream reset: PROTOCOL_ERROR}
   * @param latency until the end
   */
  record Cut(String why, Duration latency) implements Outcome {}

  /**
   * Nothing complete came within the client's patience.
   *
   * @param latency the patience
   */
  record Silent(Duration latency) implements Outcome {}
}
