package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.Claim;

/** How far one request has come. */
public sealed interface State {
  /** The endpoint is known; the body is to come. */
  record AwaitingBody(PreparedEndpoint endpoint, RequestHead head) implements State {}

  /** The signature is right; the replay guard was asked. */
  record AwaitingGuard(Acceptance acceptance, Phase phase) implements State {}

  /** Let on; the replay guard is owed the outcome. */
  record OwingOutcome(PreparedEndpoint endpoint, Claim claim) implements State {}

  /** States without data. */
  enum Plain implements State {
    /** Nothing has arrived. */
    START,
    /** Let on, and nothing is owed to anyone. */
    LET_ON,
    /** The outcome is being written to the replay store. */
    SETTLING,
    /** A final answer was given, or the stream is over. */
    ENDED
  }
}
