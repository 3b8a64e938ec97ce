package io.zenmesh.extproc.challenge;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What answering questions may need of the outside.
 *
 * @param secrets stores a secret that was handed over
 * @param operator asked for subscriptions that are not confirmed by themselves
 * @param client confirms those of endpoints with {@code autoConfirm}
 */
public record ChallengePorts(
    SecretTaker secrets, SubscriptionConfirmer operator, SubscriptionConfirmer client) {
  /** Takes no secret and confirms nothing. */
  public static final ChallengePorts NONE =
      new ChallengePorts(
          (endpoint, secret) -> CompletableFuture.completedFuture(false),
          SubscriptionConfirmer.NONE,
          SubscriptionConfirmer.NONE);

  /** Stores a secret and puts it in force. */
  @FunctionalInterface
  public interface SecretTaker {
    /** As {@link HandshakeSecrets#store}. */
    CompletionStage<Boolean> take(EndpointRef endpoint, SecretBytes secret);
  }
}
