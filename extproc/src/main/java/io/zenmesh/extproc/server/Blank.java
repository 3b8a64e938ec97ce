package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An answer written once, with room for an id. Immutable, thread-safe.
 *
 * @param at where the id goes; negative when it has no place
 */
record Blank(byte[] bytes, int at) {
  /** A UUID's text, which most ids are; another length takes the long way. */
  private static final int USUAL_ID = 36;

  /** Stands for the id: neither a name nor a value of ours holds it. */
  static final String PLACE = "#".repeat(USUAL_ID);

  static Blank of(ProcessingResponse answer) {
    byte[] bytes = answer.toByteArray();
    return new Blank(bytes, new String(bytes, StandardCharsets.ISO_8859_1).indexOf(PLACE));
  }

  /** Empty when the id is of another length, or not of printable ASCII. */
  Optional<Answer> filled(String id) {
    if (at < 0) {
      return Optional.of(Answer.takeOver(bytes));
    }
    if (id.length() != USUAL_ID) {
      return Optional.empty();
    }
    byte[] copy = bytes.clone();
    for (int i = 0; i < USUAL_ID; i++) {
      char c = id.charAt(i);
      if (c < ' ' || c > '~') {
        return Optional.empty();
      }
      copy[at + i] = (byte) c;
    }
    return Optional.of(Answer.takeOver(copy));
  }
}
