package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.policy.PreparedEndpoint;

/**
 * What a verified request is tagged with. Only the pipeline makes one.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>One exists only for a request whose signature was verified and which the replay guard let
 * pass, or is about to be asked for.
 */
public final class Acceptance {
  private final PreparedEndpoint endpoint;
  private final String eventId;

  Acceptance(PreparedEndpoint endpoint, String eventId) {
    this.endpoint = endpoint;
    this.eventId = eventId;
  }

  public PreparedEndpoint endpoint() {
    return endpoint;
  }

  /** The sender's own id where the signature covers it, else one of ours. */
  public String eventId() {
    return eventId;
  }
}
