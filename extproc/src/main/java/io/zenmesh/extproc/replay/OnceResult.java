package io.zenmesh.extproc.replay;

/** What a guard says of a message that senders never repeat. */
public enum OnceResult {
  /** Never seen before, and remembered from now on. */
  FRESH,
  /** Seen before. */
  SEEN,
  /** The guard cannot tell: the store is away, or it lost its memory after the message's time. */
  UNAVAILABLE
}
