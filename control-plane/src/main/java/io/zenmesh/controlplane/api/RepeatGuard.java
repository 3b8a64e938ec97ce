package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.tenant.Repeats;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Does the work of a request with an {@code Idempotency-Key} once. Operations that declare the
 * header come through here. Thread-safe.
 *
 * <p>The key is taken before the work begins: a repetition after a crash in between is refused, for
 * nobody knows whether the work was done. What failed by our fault (5xx) is not remembered as done
 * either.
 */
final class RepeatGuard {
  static final String HEADER = "Idempotency-Key";

  private final Repeats repeats;
  private final InstantSource clock;

  RepeatGuard(Repeats repeats, InstantSource clock) {
    this.repeats = repeats;
    this.clock = clock;
  }

  Answer answer(ApiRequest request, ApiHandler handler) {
    Optional<String> given = request.header(HEADER);
    if (given.isEmpty()) {
      return handler.answer(request);
    }
    Repeats.Key key =
        new Repeats.Key(
            request.caller().actor().id(),
            given.get(),
            request.operation().id(),
            digest(request.body()));
    return switch (repeats.begin(key, clock.instant())) {
      case Repeats.Begun.First first -> first(request, handler, key);
      case Repeats.Begun.Answered(int status, String type, String body) ->
          new Answer(status, type, Map.of(), body.getBytes(StandardCharsets.UTF_8));
      case Repeats.Begun.Other other ->
          conflict(request, "another request came under it (expected: a key of its own)");
      case Repeats.Begun.Unfinished unfinished ->
          conflict(request, "how it ended is not known yet (expected: look, then another key)");
    };
  }

  private Answer first(ApiRequest request, ApiHandler handler, Repeats.Key key) {
    Answer answer = handler.answer(request);
    if (answer.status() < 500) {
      Answer kept = answer.kept();
      repeats.finish(
          key, kept.status(), kept.contentType(), new String(kept.body(), StandardCharsets.UTF_8));
    }
    return answer;
  }

  private static Answer conflict(ApiRequest request, String problem) {
    return Answer.problem(
        Problem.Kind.CONFLICT, List.of(HEADER + ": " + problem), request.correlation());
  }

  private static String digest(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 missing from the JDK", e);
    }
  }
}
