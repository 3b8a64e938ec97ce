package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.Claim;
import io.zenmesh.extproc.replay.ReplayMessage;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.Reason;
import java.util.Optional;

/** What is to be done next for one request. */
public sealed interface Effect {
  /** Ask the replay guard for good; answer with {@link Event.OnceAnswered}. */
  record ClaimOnce(ReplayMessage message) implements Effect {}

  /** Ask the replay guard for a claim; answer with {@link Event.ClaimAnswered}. */
  record ClaimForOutcome(ReplayMessage message) implements Effect {}

  /**
   * Let Envoy send the body; without room for it {@link Event.Signal#NO_ROOM}.
   *
   * @param bytes as announced; where nothing is, the most that the endpoint accepts
   */
  record AskForBody(PreparedEndpoint endpoint, long bytes) implements Effect {}

  /** Let the request on, tagged. */
  record LetOn(Acceptance acceptance, Phase phase) implements Effect {}

  /**
   * Let the request on although nothing is enforced, tagged with the verdict and without proof.
   *
   * @param reason what it would be refused for; empty when it is verified
   */
  record LetOnInDryRun(
      PreparedEndpoint endpoint, Optional<Reason> reason, String eventId, Phase phase)
      implements Effect {}

  /** Answer the provider's question; the answer may hold a secret. */
  record AnswerChallenge(PreparedEndpoint endpoint, Challenge.Answer answer) implements Effect {}

  /** Answer 200, and have the subscription confirmed. */
  record ConfirmSubscription(PreparedEndpoint endpoint, Challenge.AskOperator question)
      implements Effect {}

  /** Store the secret that the provider handed over; answer with {@link Event.SecretStored}. */
  record StoreSecret(PreparedEndpoint endpoint, Challenge.TakeSecret taken) implements Effect {}

  /**
   * Answer the sender with a refusal.
   *
   * @param endpoint whose, where known
   */
  record Refuse(Reason reason, Optional<PreparedEndpoint> endpoint) implements Effect {}

  /** Answer the sender that an equal message was delivered before. */
  record Acknowledge(PreparedEndpoint endpoint) implements Effect {}

  /** Tell the replay guard that the message was delivered; then {@link Event.Signal#SETTLED}. */
  record Commit(Claim claim) implements Effect {}

  /** Tell the replay guard that it was not; then {@link Event.Signal#SETTLED}. */
  record Release(Claim claim) implements Effect {}

  /**
   * End the stream with an error, so that Envoy refuses the request.
   *
   * @param what constant text
   */
  record Abort(String what) implements Effect {}

  /** Effects without data. */
  enum Plain implements Effect {
    /** Let the response on as it is. */
    PASS_RESPONSE,
    /** End the stream without error: everything was answered. */
    FINISH,
    /** Nothing. */
    NOTHING
  }
}
