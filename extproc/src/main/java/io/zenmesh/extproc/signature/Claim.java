package io.zenmesh.extproc.signature;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a request claims, read by its scheme's grammar and not yet verified.
 *
 * @param tags the decoded signatures, at least one
 * @param timestamp the text of the time, empty when the scheme signs none
 * @param seconds the same as Unix seconds
 * @param id the sender's id of the event; empty text when it sent none
 * @param nonce empty when the scheme has none
 */
record Claim(List<byte[]> tags, String timestamp, OptionalLong seconds, String id, String nonce) {
  private static final TextGrammar EVENT_ID = TextGrammar.parse("[A-Za-z0-9._:-]{1,128}");

  Optional<Instant> time() {
    return seconds.isPresent()
        ? Optional.of(Instant.ofEpochSecond(seconds.getAsLong()))
        : Optional.empty();
  }

  Optional<String> eventId() {
    return EVENT_ID.matches(id) ? Optional.of(id) : Optional.empty();
  }
}
