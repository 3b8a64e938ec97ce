package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The decoded keys of one endpoint.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Every key is tried against every signature, whatever matched before, and bytes are compared in
 * constant time. Thread-safe.
 */
sealed interface KeyRing {
  /** The most keys an endpoint may have: the work per request is this times its body. */
  int MAX_KEYS = 16;

  /**
   * Which keys made one of the signatures.
   *
   * @return bit i is set when key i did
   */
  int matching(List<byte[]> tags, SignedContent content);

  /**
   * Decodes keys as a scheme says.
   *
   * @throws IllegalArgumentException when there are too many, or one is empty or does not decode
   */
  static KeyRing load(Scheme scheme, List<VerificationKey> keys) {
    if (keys.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "keys: " + keys.size() + " (expected: at most " + MAX_KEYS + ")");
    }
    List<byte[]> decoded = new ArrayList<>(keys.size());
    for (VerificationKey key : keys) {
      decoded.add(decode(scheme, key));
    }
    try {
      return switch (scheme.signature().algorithm()) {
        case HMAC_SHA256 -> new HmacKeys(decoded);
        case TOKEN_EQUALS -> new TokenKeys(decoded);
      };
    } finally {
      decoded.forEach(key -> Arrays.fill(key, (byte) 0));
    }
  }

  private static byte[] decode(Scheme scheme, VerificationKey key) {
    byte[] shown = key.secret().copy(SecretAccess.granted());
    try {
      byte[] decoded = scheme.signature().key().decode(shown);
      if (scheme.signature().algorithm() == SignatureAlgorithm.TOKEN_EQUALS) {
        requireSendable(scheme, decoded);
      }
      return decoded;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("key " + key.id() + ": " + e.getMessage(), e);
    } finally {
      Arrays.fill(shown, (byte) 0);
    }
  }

  /** A token that its own header cannot carry would never match, and nobody would know why. */
  private static void requireSendable(Scheme scheme, byte[] token) {
    if (token.length <= scheme.signature().maxLength()) {
      try {
        scheme.signature().form().split(new String(token, StandardCharsets.ISO_8859_1));
        return;
      } catch (Refusal unsendable) {
        // Said below, without a word of the token.
      }
    }
    throw new IllegalArgumentException(
        "not a header value (expected: visible ASCII without blanks and commas)");
  }

  /** Keys of a keyed hash; each thread has its own keyed {@link Mac} per key. */
  final class HmacKeys implements KeyRing {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec[] keys;

    // Not static: the objects hold this endpoint's keys, and must go when the endpoint goes.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<Mac[]> macs = ThreadLocal.withInitial(this::keyed);

    HmacKeys(List<byte[]> keys) {
      this.keys =
          keys.stream().map(k -> new SecretKeySpec(k, ALGORITHM)).toArray(SecretKeySpec[]::new);
    }

    private Mac[] keyed() {
      Mac[] keyed = new Mac[keys.length];
      for (int i = 0; i < keys.length; i++) {
        keyed[i] = keyed(keys[i]);
      }
      return keyed;
    }

    static Mac keyed(SecretKeySpec key) {
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        return mac;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
      }
    }

    @Override
    public int matching(List<byte[]> tags, SignedContent content) {
      Mac[] own = macs.get();
      int matching = 0;
      for (int i = 0; i < own.length; i++) {
        own[i].reset();
        content.feed(own[i]);
        byte[] expected = own[i].doFinal();
        for (byte[] tag : tags) {
          matching |= MessageDigest.isEqual(tag, expected) ? 1 << i : 0;
        }
      }
      return matching;
    }
  }

  /** Tokens that are compared as they are, through a digest, so that lengths do not show. */
  final class TokenKeys implements KeyRing {
    private final List<byte[]> digests;

    TokenKeys(List<byte[]> tokens) {
      this.digests = tokens.stream().map(Sha256::of).toList();
    }

    @Override
    public int matching(List<byte[]> tags, SignedContent content) {
      int matching = 0;
      for (byte[] tag : tags) {
        byte[] digest = Sha256.of(tag);
        for (int i = 0; i < digests.size(); i++) {
          matching |= MessageDigest.isEqual(digest, digests.get(i)) ? 1 << i : 0;
        }
      }
      return matching;
    }
  }
}
