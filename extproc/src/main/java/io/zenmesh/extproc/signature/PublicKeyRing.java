package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Public keys of senders. Either the endpoint's keys are public keys, and a key set may add one; or
 * the key comes from a pinned certificate, and the endpoint's keys are names that were signed with.
 */
final class PublicKeyRing implements KeyRing {
  private static final PSSParameterSpec PSS =
      new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1);
  private static final byte[] NO_SECRET = new byte[0];

  private final SignatureAlgorithm algorithm;
  private final boolean certified;
  private final List<Own> own;

  /**
   * A key of the endpoint.
   *
   * @param key empty when it is a name
   */
  private record Own(int index, Optional<PublicKey> key, byte[] secret) {}

  private PublicKeyRing(SignatureAlgorithm algorithm, boolean certified, List<Own> own) {
    this.algorithm = algorithm;
    this.certified = certified;
    this.own = List.copyOf(own);
  }

  static PublicKeyRing of(Scheme.Signature signature, List<Slot> slots) {
    boolean certified = signature.origin() instanceof KeyOrigin.Certificate;
    List<Own> own = new ArrayList<>();
    for (Slot slot : slots) {
      own.add(
          certified
              ? new Own(slot.index(), Optional.empty(), slot.key().clone())
              : new Own(
                  slot.index(),
                  Optional.of(PublicKeys.read(signature.algorithm(), slot.key())),
                  NO_SECRET));
    }
    return new PublicKeyRing(signature.algorithm(), certified, own);
  }

  /** The same names, with another algorithm; other keys stay what they are. */
  PublicKeyRing as(SignatureAlgorithm other) {
    return certified ? new PublicKeyRing(other, true, own) : this;
  }

  /** Whether a message can be verified without its key being fetched. */
  boolean standsAlone() {
    return !certified && !own.isEmpty();
  }

  @Override
  public int matching(Evidence evidence) {
    int matching = 0;
    for (Own mine : own) {
      Optional<PublicKey> key = mine.key().or(evidence::remote);
      if (key.isPresent() && isNamed(mine, evidence)) {
        matching |= verifies(key.get(), evidence, mine.secret()) ? 1 << mine.index() : 0;
      }
    }
    if (!certified && evidence.remote().isPresent()) {
      matching |= verifies(evidence.remote().get(), evidence, NO_SECRET) ? REMOTE : 0;
    }
    return matching;
  }

  private static boolean isNamed(Own mine, Evidence evidence) {
    return evidence
        .secretShown()
        .map(name ->
            MessageDigest.isEqual(name.getBytes(StandardCharsets.ISO_8859_1), mine.secret()))
        .orElse(true);
  }

  private boolean verifies(PublicKey key, Evidence evidence, byte[] secret) {
    boolean verifies = false;
    for (SignedContent content : evidence.contents()) {
      for (byte[] tag : evidence.tags()) {
        verifies |= verifies(key, content, tag, secret);
      }
    }
    return verifies;
  }

  private boolean verifies(PublicKey key, SignedContent content, byte[] tag, byte[] secret) {
    try {
      Signature signature = Signature.getInstance(algorithm.platformName());
      if (algorithm == SignatureAlgorithm.RSA_PSS_SHA512) {
        signature.setParameter(PSS);
      }
      signature.initVerify(key);
      content.feed(signature, secret);
      return signature.verify(tag);
    } catch (GeneralSecurityException notOfThisKey) {
      return false;
    }
  }
}
