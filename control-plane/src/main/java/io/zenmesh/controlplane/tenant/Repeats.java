package io.zenmesh.controlplane.tenant;

import java.time.Duration;
import java.time.Instant;

/**
 * Remembers what was answered to requests that may come again, each under a key of its caller's
 * choosing. Every call is for the tenant of {@link TenantContext}, and fails outside of one.
 * Thread-safe.
 */
public interface Repeats {
  /** How long a key is remembered. */
  Duration REMEMBERED = Duration.ofHours(24);

  /**
   * A request and its key.
   *
   * @param caller whose key it is
   * @param operation what was asked for
   * @param digest 32 bytes in hex that stand for everything that was sent, and tell nobody without
   *     the API's key what that was: it may be a secret that can be guessed
   */
  record Key(String caller, String key, String operation, String digest) {}

  /** What is known of a key. */
  sealed interface Begun {
    /** Nothing: the work may be done. */
    record First() implements Begun {}

    /** It was answered. */
    record Answered(int status, String contentType, String body) implements Begun {}

    /** Another request came under it. */
    record Other() implements Begun {}

    /** It came before, and how that ended is not known. */
    record Unfinished() implements Begun {}
  }

  /** Takes a key, or says who has it. Keys older than {@link #REMEMBERED} are forgotten. */
  Begun begin(Key key, Instant now);

  /** The longest body that is kept, in bytes. */
  int MAX_BODY_BYTES = 1024 * 1024;

  /**
   * Keeps the answer; never one that holds a secret.
   *
   * @param body at most {@link #MAX_BODY_BYTES} in UTF-8
   */
  void finish(Key key, int status, String contentType, String body);

  /** Gives a key back under which nothing was done. */
  void forget(Key key);
}
