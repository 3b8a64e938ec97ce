package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeQuestions;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers the keys of an endpoint: the control plane's, the topics it names, or its provider's. */
final class KeysAtHand {
  /** The id of a key that the provider handed over. */
  static final String HANDED_OVER = "handed-over";

  private final HandshakeSecrets handshakes;

  KeysAtHand(HandshakeSecrets handshakes) {
    this.handshakes = handshakes;
  }

  /**
   * The keys to verify with.
   *
   * @throws IllegalArgumentException when the policy names topics and the scheme's keys are none
   *     (an ARN, which anyone knows, must never become a secret), or confirms by itself what a
   *     scheme of the tenant's own asks
   */
  List<VerificationKey> of(EndpointPolicy policy, Scheme scheme, Optional<EndpointKeys> given) {
    List<VerificationKey> keys = new ArrayList<>(given.map(EndpointKeys::keys).orElse(List.of()));
    List<String> topics = policy.settings().topicArns();
    if (policy.settings().autoConfirm() && policy.settings().definition().isPresent()) {
      // Its author chose the hosts that a subscription's URL may have, and it would be opened.
      throw new IllegalArgumentException("autoConfirm: true (expected: false in an own scheme)");
    }
    if (!topics.isEmpty() && !scheme.keysAreNames()) {
      throw new IllegalArgumentException(
          "topicArns: given (expected: none but for a scheme whose keys are topics)");
    }
    for (int i = 0; i < topics.size(); i++) {
      keys.add(
          key(
              "topic-" + (i + 1),
              SecretBytes.takeOver(topics.get(i).getBytes(StandardCharsets.US_ASCII))));
    }
    if (keys.isEmpty() && SchemeQuestions.of(scheme).handsOverSecret()) {
      handshakes.find(policy.ref()).ifPresent(secret -> keys.add(key(HANDED_OVER, secret)));
    }
    return keys;
  }

  private static VerificationKey key(String id, SecretBytes secret) {
    return new VerificationKey(id, Instant.EPOCH, Optional.empty(), secret);
  }
}
