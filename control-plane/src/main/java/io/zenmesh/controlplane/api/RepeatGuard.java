package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.tenant.CommitWatch;
import io.zenmesh.controlplane.tenant.Repeats;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Does the work of a request with an {@code Idempotency-Key} once. Operations that declare the
 * header come through here; what is not of one tenant is kept with the system's. Thread-safe.
 *
 * <p>The key is taken before the work begins: a repetition after a crash in between is refused, for
 * nobody knows whether the work was done. What failed by our fault (5xx) is not remembered as done
 * either; its key is given back when no row of a tenant was changed, and stays taken otherwise.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>An answer that shows a secret is not kept, only that it was given. Neither is what was sent:
 * only a mark of it under the API's own key, for its plain digest would let a weak secret be
 * guessed.
 */
final class RepeatGuard {
  static final String HEADER = "Idempotency-Key";

  private static final int TOO_MANY = 429;
  private static final byte[] PURPOSE = "zen/v1/repeat".getBytes(StandardCharsets.US_ASCII);

  private final Repeats repeats;
  private final MacKey mark;
  private final InstantSource clock;

  RepeatGuard(Repeats repeats, MacKey mark, InstantSource clock) {
    this.repeats = repeats;
    this.mark = mark;
    this.clock = clock;
  }

  Answer answer(ApiRequest request, ApiHandler handler) {
    Optional<String> given = request.header(HEADER);
    if (given.isEmpty()) {
      return handler.answer(request);
    }
    Repeats.Key key =
        new Repeats.Key(
            request.caller().actor().id(), given.get(), request.operation().id(), digest(request));
    return switch (within(request, () -> repeats.begin(key, clock.instant()))) {
      case Repeats.Begun.First first -> first(request, handler, key);
      case Repeats.Begun.Answered(int status, String type, String body) ->
          new Answer(status, type, Map.of(), body.getBytes(StandardCharsets.UTF_8));
      case Repeats.Begun.Other other ->
          refused(request, Problem.Kind.KEY_REUSED, "taken (expected: a key for each request)");
      case Repeats.Begun.Unfinished unfinished ->
          refused(
              request,
              Problem.Kind.REPEAT_UNFINISHED,
              "not answered yet (expected: look, then another key)");
    };
  }

  /** The handler chooses its own context. */
  private static <T> T within(ApiRequest request, Supplier<T> work) {
    return request.operation().ofTenant()
        ? work.get()
        : TenantContext.within(Name.SYSTEM, work::get);
  }

  private Answer first(ApiRequest request, ApiHandler handler, Repeats.Key key) {
    CommitWatch watch = new CommitWatch();
    Answer answer;
    try {
      answer = watch.over(() -> handler.answer(request));
    } catch (RuntimeException e) {
      afterFailure(request, key, watch).ifPresent(e::addSuppressed);
      throw e;
    }
    if (answer.status() == TOO_MANY) {
      forget(request, key);
    } else if (answer.status() < 500) {
      finish(request, key, fitting(request, answer.kept()));
    } else {
      var unused = afterFailure(request, key, watch);
    }
    return answer;
  }

  /**
   * Gives the key back where it is known that nothing was changed. What is of no tenant has effects
   * beside the rows, such as a new key-encryption key: of those nobody knows.
   *
   * @return why it could not be given back; it stays taken then
   */
  private Optional<RuntimeException> afterFailure(
      ApiRequest request, Repeats.Key key, CommitWatch watch) {
    if (!request.operation().ofTenant() || watch.changed()) {
      return Optional.empty();
    }
    try {
      forget(request, key);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  private void forget(ApiRequest request, Repeats.Key key) {
    var unused =
        within(
            request,
            () -> {
              repeats.forget(key);
              return true;
            });
  }

  private void finish(ApiRequest request, Repeats.Key key, Answer kept) {
    var unused =
        within(
            request,
            () -> {
              repeats.finish(
                  key,
                  kept.status(),
                  kept.contentType(),
                  new String(kept.body(), StandardCharsets.UTF_8));
              return true;
            });
  }

  private static Answer fitting(ApiRequest request, Answer kept) {
    return kept.body().length <= Repeats.MAX_BODY_BYTES
        ? kept
        : Answer.problem(Problem.Kind.ANSWER_NOT_KEPT, List.of(), request.correlation());
  }

  private static Answer refused(ApiRequest request, Problem.Kind kind, String problem) {
    return Answer.problem(kind, List.of(HEADER + ": " + problem), request.correlation());
  }

  /** Of everything the caller sent that decides what is done. */
  private String digest(ApiRequest request) {
    MessageDigest sent = sha256();
    for (ApiOperation.Parameter parameter : request.operation().parameters()) {
      if (!parameter.name().equals(HEADER)) {
        add(sent, parameter.name().getBytes(StandardCharsets.UTF_8));
        Optional<String> value = request.given(parameter);
        add(sent, new byte[] {(byte) (value.isPresent() ? 1 : 0)});
        add(sent, value.orElse("").getBytes(StandardCharsets.UTF_8));
      }
    }
    add(sent, request.body());
    byte[] text = ByteBuffer.allocate(PURPOSE.length + 32).put(PURPOSE).put(sent.digest()).array();
    byte[] tag = mark.tag(text);
    return HexFormat.of().formatHex(sha256().digest(tag));
  }

  /** With its length, so that no two requests share a digest. */
  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
    digest.update(part);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 missing from the JDK", e);
    }
  }
}
