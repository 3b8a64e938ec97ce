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

  static Challenge signed(
      PreparedEndpoint endpoint, HeadAndBody request, Verdict.Verified verified) {
    return endpoint.challenges().asksSigned()
        ? endpoint.verifier().signedChallenge(request, verified)
        : NO_QUESTION;
  }
}
