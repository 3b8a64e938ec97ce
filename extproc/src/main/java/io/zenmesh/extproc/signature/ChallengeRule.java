package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One question of a provider that is answered here and never forwarded.
 *
 * @param signed whether the question is an event like any other and must be verified first; one
 *     that is not signed is a GET, but for a handshake that brings the secret
 * @param when how it is told from an event
 * @param value what the answer repeats, or keys a hash with: {@link #VALUE}
 * @param verifyToken what must be the endpoint's verify token
 */
record ChallengeRule(
    boolean signed,
    Condition when,
    Optional<ValueSource> value,
    Optional<ValueSource> verifyToken,
    Action action) {
  /** What may be repeated or hashed: nothing that could be an event (decision 5). */
  static final TextGrammar VALUE = TextGrammar.parse("[A-Za-z0-9_-]{1,128}");

  /** The headers that an answer may set: those that Envoy lets the processor set. */
  static final List<String> HEADERS =
      List.of("content-type", "retry-after", "x-content-type-options", "x-hook-secret");

  static final int LONGEST_HEADER = 256;

  /** What is done. */
  sealed interface Action {
    /**
     * An answer.
     *
     * @param body with {@code {value}}, {@code {hmac-hex}} and {@code {hmac-base64}} to fill in
     */
    record Respond(Map<String, String> headers, String body) implements Action {
      boolean isKeyed() {
        return body.contains("{hmac-");
      }
    }

    /** The operator is asked whether the endpoint shall be confirmed, by opening {@code value}. */
    record AskOperator(KeyOrigin.Certificate pinned) implements Action {}

    /** The header {@code value} is read from is the secret: stored once, and echoed. */
    record TakeSecret(ValueSource.HeaderName header) implements Action {}
  }

  /** Whether the answer is made with the endpoint's key. */
  boolean isKeyed() {
    return action instanceof Action.Respond respond && respond.isKeyed();
  }

  /** Every value of a request that it reads. */
  Stream<ValueSource> bodySources() {
    return Stream.concat(
        Stream.of(when.source()), Stream.concat(value.stream(), verifyToken.stream()));
  }
}
