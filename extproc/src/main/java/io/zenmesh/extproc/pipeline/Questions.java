package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.policy.EndpointChallenges;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.Verdict;
import java.time.Instant;

/** Tells a provider's question from an event. Stateless. */
final class Questions {
  private static final Challenge NO_QUESTION = new Challenge.None();

  private Questions() {}

  /** What is asked without a signature, which is all that is answered before one is verified. */
  static Challenge unsigned(PreparedEndpoint endpoint, HeadAndBody request, Instant now) {
    EndpointChallenges challenges = endpoint.challenges();
    if (!challenges.asksUnsigned()) {
      return NO_QUESTION;
    }
    Challenge asked = WebhookHandshake.answer(request, challenges.webhookOrigins());
    if (asked instanceof Challenge.None) {
      asked = endpoint.verifier().unsignedChallenge(request, now, challenges.at(now));
    }
    return asked instanceof Challenge.None || challenges.admitsQuestion(now)
        ? asked
        : new Challenge.Refused(Reason.RATE_LIMITED);
  }

  /**
   * What is asked with a signature. One that others then act upon is counted, for it may be
   * repeated.
   */
  static Challenge signed(
      PreparedEndpoint endpoint, HeadAndBody request, Verdict.Verified verified, Instant now) {
    EndpointChallenges challenges = endpoint.challenges();
    if (!challenges.asksSigned()) {
      return NO_QUESTION;
    }
    Challenge asked = endpoint.verifier().signedChallenge(request, verified);
    return asked instanceof Challenge.AskOperator && !challenges.admitsQuestion(now)
        ? new Challenge.Refused(Reason.RATE_LIMITED)
        : asked;
  }
}
