package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.extproc.signature.SchemeQuestions;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one endpoint knows for the questions of its provider. Thread-safe; holds a secret. */
public final class EndpointChallenges {
  private final SchemeSettings settings;
  private final Optional<SecretBytes> verifyToken;
  private final SchemeQuestions questions;
  private final boolean hasKeys;
  private final ChallengeBudget budget = new ChallengeBudget();

  /**
   * @param verifyToken what the provider shows, for those that show one
   * @param hasKeys whether there is any key to verify with
   */
  public EndpointChallenges(
      SchemeSettings settings,
      Optional<SecretBytes> verifyToken,
      SchemeQuestions questions,
      boolean hasKeys) {
    this.settings = settings;
    this.verifyToken = verifyToken;
    this.questions = questions;
    this.hasKeys = hasKeys;
  }

  /** Whether anything is answered before it is verified. */
  public boolean asksUnsigned() {
    return questions.unsigned() || !settings.webhookOrigins().isEmpty();
  }

  /** Whether anything is answered after it is verified. */
  public boolean asksSigned() {
    return questions.signed();
  }

  /** Whether a provider may still hand over the secret it signs with. */
  boolean awaitsSecret() {
    return questions.handsOverSecret() && !hasKeys;
  }

  /** What the engine needs now. Who has a key is not handed another. */
  public Challenge.Settings at(Instant now) {
    return new Challenge.Settings(verifyToken, !hasKeys && settings.handshakeOpenAt(now));
  }

  /** The CloudEvents senders that are told they may send. */
  public List<String> webhookOrigins() {
    return settings.webhookOrigins();
  }

  /** Counts one question that costs something or is unsigned; false when there were too many. */
  public boolean admitsQuestion(Instant now) {
    return budget.take(now);
  }

  @Override
  public String toString() {
    return "EndpointChallenges[]";
  }
}
