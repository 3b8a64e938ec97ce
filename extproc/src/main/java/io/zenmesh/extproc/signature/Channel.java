package io.zenmesh.extproc.signature;

import java.util.Optional;

/**
 * One of the scheme's signatures, with the endpoint's keys for it.
 *
 * @param isPlain whether a message is verified as soon as a key of the endpoint made its signature:
 *     no key, no hash and no value of the body remains to be looked at
 */
record Channel(Scheme.Signature signature, KeyRing ring, ClaimReader reader, boolean isPlain) {
  static Channel of(Scheme scheme, Scheme.Signature signature, KeyRing ring) {
    ClaimReader reader = new ClaimReader(scheme, signature);
    boolean plain =
        signature.origin() instanceof KeyOrigin.Endpoint
            && signature.secretShown().isEmpty()
            && scheme.bodyHash().isEmpty()
            && !scheme.hasKeyedChallenge()
            && !reader.readsLater();
    return new Channel(signature, ring, reader, plain);
  }

  /**
   * The key that a message names, for schemes whose keys come from elsewhere.
   *
   * @throws Refusal {@link Reason#KEY_UNAVAILABLE} when it is not at hand, or does not fit
   */
  Optional<RemoteKey> remote(Claim claim, KeySource source) throws Refusal {
    if (claim.reference().isEmpty()) {
      return Optional.empty();
    }
    Optional<RemoteKey> remote = source.find(claim.reference().get());
    boolean alone = ring instanceof PublicKeyRing own && own.standsAlone();
    if (remote.isEmpty() && !alone) {
      throw Refusal.of(Reason.KEY_UNAVAILABLE);
    }
    if (remote.isPresent()) {
      try {
        PublicKeys.require(signature.algorithm(), remote.get().key());
      } catch (IllegalArgumentException unfit) {
        throw Refusal.of(Reason.KEY_UNAVAILABLE);
      }
    }
    return remote;
  }

  /** What must be the text of an endpoint's key, where keys are names. */
  Optional<String> secretShown(RequestFields fields) throws Refusal {
    if (signature.secretShown().isEmpty()) {
      return Optional.empty();
    }
    Optional<String> shown = fields.text(signature.secretShown().get(), Reason.BODY_MALFORMED);
    if (shown.isEmpty()) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
    return shown;
  }
}
