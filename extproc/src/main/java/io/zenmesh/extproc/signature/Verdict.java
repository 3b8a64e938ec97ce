package io.zenmesh.extproc.signature;

import java.time.Instant;
import java.util.Optional;

/** What the engine says of one request. There is no third case and nothing to forget to check. */
public sealed interface Verdict {
  /**
   * The signature is right. Only this package can make one.
   *
   * <h2>Security guarantees</h2>
   *
   * <p>The bytes of the request were signed with one of the endpoint's keys, that key was valid at
   * the message's own time, and the time lies within the tolerance. It says nothing about replay.
   */
  final class Verified implements Verdict {
    private static final TextGrammar EVENT_ID = TextGrammar.parse("[A-Za-z0-9._:-]{1,128}");

    private final String keyId;
    private final String id;
    private final Optional<Instant> timestamp;
    private final ReplaySubject replaySubject;

    Verified(String keyId, String id, Optional<Instant> timestamp, ReplaySubject replaySubject) {
      this.keyId = keyId;
      this.id = id;
      this.timestamp = timestamp;
      this.replaySubject = replaySubject;
    }

    /** The id of the key that matched. */
    public String keyId() {
      return keyId;
    }

    /**
     * The sender's own id of the event, {@code [A-Za-z0-9._:-]{1,128}}; empty when it sent none or
     * an unfit one. Authentic only if the scheme signs it.
     */
    public Optional<String> eventId() {
      return EVENT_ID.matches(id) ? Optional.of(id) : Optional.empty();
    }

    /** The signed time of the message; empty for schemes that sign none. */
    public Optional<Instant> timestamp() {
      return timestamp;
    }

    /** What makes this message the same as another. */
    public ReplaySubject replaySubject() {
      return replaySubject;
    }

    @Override
    public String toString() {
      return "Verified[" + keyId + "]";
    }
  }

  /**
   * The request must not pass.
   *
   * @param reason the full reason, not for the caller's eyes
   */
  record Refused(Reason reason) implements Verdict {}
}
