package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.replay.ClaimResult;
import io.zenmesh.extproc.replay.OnceResult;
import java.nio.ByteBuffer;

/** Something that happened to one request. */
public sealed interface Event {
  /**
   * Envoy sent the request's head.
   *
   * @param endOfStream whether that is all of the request
   */
  record HeadArrived(RequestHead head, boolean endOfStream) implements Event {}

  /**
   * Envoy sent the buffered body.
   *
   * @param bytes all of it, positioned at its start
   * @param endOfStream false when trailers follow
   */
  record BodyArrived(ByteBuffer bytes, boolean endOfStream) implements Event {}

  /**
   * Envoy sent the head of the response, the upstream's or its own.
   *
   * @param status the HTTP status; 0 when it could not be read
   */
  record ResponseArrived(int status) implements Event {}

  /** The replay guard answered for a nonce. */
  record OnceAnswered(OnceResult result) implements Event {}

  /** The replay guard answered for a claim. */
  record ClaimAnswered(ClaimResult result) implements Event {}

  /**
   * The secret of a handshake was stored, or was not.
   *
   * @param stored false also when there was one before
   */
  record SecretStored(boolean stored) implements Event {}

  /** What comes without data. */
  enum Signal implements Event {
    /** There is no memory for the body now. */
    NO_ROOM,
    /** Envoy sent request trailers. */
    TRAILERS_ARRIVED,
    /** Envoy sent a message that we never ask for. */
    STRANGE_MESSAGE,
    /** The outcome was written to the replay store, or could not be in time. */
    SETTLED,
    /** Envoy will send no more. */
    ENVOY_FINISHED
  }
}
