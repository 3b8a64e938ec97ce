package io.zenmesh.extproc.challenge;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The port to where secrets are kept that providers handed over.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The first secret of an endpoint stays: of several at once exactly one is stored, and none is
 * ever overwritten. Thread-safe.
 */
public interface HandshakeSecrets {
  /** Keeps none. */
  HandshakeSecrets NONE =
      new HandshakeSecrets() {
        @Override
        public CompletionStage<Boolean> store(EndpointRef endpoint, SecretBytes secret) {
          return CompletableFuture.completedFuture(false);
        }

        @Override
        public Optional<SecretBytes> find(EndpointRef endpoint) {
          return Optional.empty();
        }
      };

  /**
   * Stores the endpoint's secret; does not block.
   *
   * @param secret stays the caller's
   * @return whether it is durably stored; false when there was one before, or it could not be
   */
  CompletionStage<Boolean> store(EndpointRef endpoint, SecretBytes secret);

  /** A copy of the endpoint's secret, the caller's to close; may block for one small file. */
  Optional<SecretBytes> find(EndpointRef endpoint);
}
