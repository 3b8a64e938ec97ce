package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** Turns drafts into requests, signed with the sources' secrets. Thread-safe. */
public final class Composer {
  /** The unsigned header by which a request is found again at the target. */
  public static final String CHECK_ID = "X-Check-Id";

  /** Result headers a client may not set: each message carries them, and none may arrive. */
  static final List<Field> SPOOFED =
      List.of(
          new Field("X-Zen-Tenant", "mallory"),
          new Field("x-zen-endpoint", "mallory/any"),
          new Field("x-zen-event-id", "mallory-1"),
          new Field("X-ZEN-VERIFIED", "true"));

  private final Rig rig;

  public Composer(Rig rig) {
    this.rig = rig;
  }

  /**
   * The request of a draft.
   *
   * @param ingress where it will be sent, which its authority names
   * @param checkId marks it, and makes its body differ from every other
   * @throws UncheckedIOException when a secret's file cannot be read
   */
  public WireRequest compose(Draft draft, Rig.Ingress ingress, String checkId) {
    Source to = rig.source(draft.to());
    WireRequest plain =
        WireRequest.post(to.host() + ":" + ingress.port(), to.path(), body(draft, checkId), SPOOFED)
            .plus(CHECK_ID, checkId)
            .plus("Content-Type", "application/json");
    Instant at = rig.clock().instant().plus(draft.shift());
    return draft.tamper().apply(signed(plain, draft, at, checkId));
  }

  private WireRequest signed(WireRequest plain, Draft draft, Instant at, String checkId) {
    try {
      WireRequest request = plain;
      for (Field field :
          Signing.headers(
              rig.source(draft.schemeOf()).scheme(),
              rig.source(draft.secretOf()).secretFile(),
              plain.to(
                  draft.claim().authority().orElse(plain.authority()),
                  draft.claim().path().orElse(plain.path())),
              at,
              checkId)) {
        request = request.plus(field.name(), field.value());
      }
      return request;
    } catch (IOException e) {
      throw new UncheckedIOException("secret of " + draft.secretOf() + ": not readable", e);
    }
  }

  private static ByteString body(Draft draft, String checkId) {
    return switch (draft.content()) {
      // Escapes, blanks and a trailing CRLF: whoever parses and writes it again changes its bytes.
      case Draft.Event() ->
          ByteString.copyFromUtf8(
              "{\"id\":\"" + checkId + "\", \"note\" : \"caf\\u00e9 \u00e9\\/\",\"n\":1.0}\r\n");
      case Draft.Exactly(ByteString bytes) -> bytes;
    };
  }
}
