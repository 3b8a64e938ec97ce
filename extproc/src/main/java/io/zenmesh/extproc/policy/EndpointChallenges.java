package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one endpoint knows for the questions of its provider. Thread-safe; holds a secret. */
public final class EndpointChallenges {
  private final SchemeSettings settings;
  private final Optional<SecretBytes> verifyToken;
  private final boolean asksUnsigned;
  private final boolean hasKeys;
  private final ChallengeBudget budget = new ChallengeBudget();

  EndpointChallenges(
      SchemeSettings settings,
      Optional<SecretBytes> verifyToken,
      boolean asksUnsigned,
      boolean hasKeys) {
    this.settings = settings;
    this.verifyToken = verifyToken;
    this.asksUnsigned = asksUnsigned || !settings.webhookOrigins().isEmpty();
    this.hasKeys = hasKeys;
  }

  /** Whether anything is answered before it is verified. */
  public boolean asksUnsigned() {
    return asksUnsigned;
  }

  /** What the engine needs now. Who has a key is not handed another. */
  public Challenge.Settings at(Instant now) {
    return new Challenge.Settings(verifyToken, !hasKeys && settings.handshakeOpenAt(now));
  }

  /** The CloudEvents senders that are told they may send. */
  public List<String> webhookOrigins() {
    return settings.webhookOrigins();
  }

  /** Counts one unsigned question; false when there were too many. */
  public boolean admitsQuestion(Instant now) {
    return budget.take(now);
  }

  @Override
  public String toString() {
    return "EndpointChallenges[]";
  }
}
