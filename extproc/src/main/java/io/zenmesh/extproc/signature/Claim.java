package io.zenmesh.extproc.signature;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a request claims, read by its scheme's grammar and not yet verified.
 *
 * @param tags the decoded signatures, at least one
 * @param named the other parts of the signature header
 * @param content what is signed, where the header itself says so
 * @param timestamp the text of the time, empty when the scheme signs none or reads it later
 * @param seconds the same as Unix seconds
 * @param id the sender's id of the event; empty text when it sent none
 * @param nonce empty when the scheme has none
 * @param reference the key it names, for schemes whose keys come from elsewhere
 */
record Claim(
    List<byte[]> tags,
    Map<String, String> named,
    Optional<SignedContent> content,
    String timestamp,
    OptionalLong seconds,
    String id,
    String nonce,
    Optional<KeyReference> reference) {
  Claim withTime(String text, OptionalLong unixSeconds) {
    return new Claim(tags, named, content, text, unixSeconds, id, nonce, reference);
  }

  Claim withId(String text) {
    return new Claim(tags, named, content, timestamp, seconds, text, nonce, reference);
  }

  Optional<Instant> time() {
    return seconds.isPresent()
        ? Optional.of(Instant.ofEpochSecond(seconds.getAsLong()))
        : Optional.empty();
  }
}
