package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.Claim;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import java.util.Optional;

/** How far one request has come. */
public sealed interface State {
  /**
   * The endpoint is known; the body is to come.
   *
   * @param known what it would be refused for whatever its body, were it not in dry run
   */
  record AwaitingBody(PreparedEndpoint endpoint, RequestHead head, Optional<Reason> known)
      implements State {}

  /** The provider handed over its secret, which is being stored. */
  record AwaitingSecret(PreparedEndpoint endpoint, Challenge.TakeSecret taken, Phase phase)
      implements State {}

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
