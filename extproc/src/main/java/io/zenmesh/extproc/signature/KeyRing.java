package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The decoded keys of one endpoint for one of its scheme's signatures.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Every key is tried against every signature, whatever matched before, and bytes are compared in
 * constant time. Thread-safe.
 */
sealed interface KeyRing
    permits KeyRing.MacKeys, KeyRing.HashKeys, KeyRing.TokenKeys, PublicKeyRing {
  /** The most keys an endpoint may have: the work per request is this times its body. */
  int MAX_KEYS = 16;

  /** The bit of a key that came from a {@link KeySource}. */
  int REMOTE = 1 << MAX_KEYS;

  /**
   * What is to be verified.
   *
   * @param tags the signatures
   * @param contents what may have been signed: every spelling of the sender's URL gives one
   * @param remote the key that the message names
   * @param secretShown what must be the key's own text, for schemes that pin a name that way
   */
  record Evidence(
      List<byte[]> tags,
      List<SignedContent> contents,
      Optional<PublicKey> remote,
      Optional<String> secretShown) {}

  /**
   * A decoded key.
   *
   * @param index in the endpoint's list
   */
  record Slot(int index, byte[] key) {}

  /**
   * Which keys made one of the signatures.
   *
   * @return bit i is set when key i did, {@link #REMOTE} when the remote key alone did
   */
  int matching(Evidence evidence);

  /**
   * Decodes keys as a scheme says: each goes to the first of its signatures that it fits.
   *
   * @return one ring for each signature, empty when it has no key and needs one
   * @throws IllegalArgumentException when there are too many, or one is empty or does not decode
   */
  static List<Optional<KeyRing>> load(Scheme scheme, List<VerificationKey> keys) {
    if (keys.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "keys: " + keys.size() + " (expected: at most " + MAX_KEYS + ")");
    }
    List<List<Slot>> slots = new ArrayList<>();
    scheme.signatures().forEach(signature -> slots.add(new ArrayList<>()));
    try {
      for (int i = 0; i < keys.size(); i++) {
        assign(scheme, i, keys.get(i), slots);
      }
      List<Optional<KeyRing>> rings = new ArrayList<>();
      for (int i = 0; i < slots.size(); i++) {
        rings.add(ring(scheme.signatures().get(i), slots.get(i)));
      }
      return rings;
    } finally {
      slots.forEach(list -> list.forEach(slot -> Arrays.fill(slot.key(), (byte) 0)));
    }
  }

  private static void assign(
      Scheme scheme, int index, VerificationKey key, List<List<Slot>> slots) {
    byte[] shown = key.secret().copy(SecretAccess.granted());
    Optional<IllegalArgumentException> first = Optional.empty();
    try {
      for (int i = 0; i < slots.size(); i++) {
        try {
          slots.get(i).add(new Slot(index, decode(scheme.signatures().get(i), shown)));
          return;
        } catch (IllegalArgumentException e) {
          first = first.or(() -> Optional.of(e));
        }
      }
    } finally {
      Arrays.fill(shown, (byte) 0);
    }
    String why = first.map(IllegalArgumentException::getMessage).orElse("no signature");
    throw new IllegalArgumentException("key " + key.id() + ": " + why);
  }

  private static byte[] decode(Scheme.Signature signature, byte[] shown) {
    byte[] decoded = signature.key().decode(shown);
    switch (signature.algorithm().kind()) {
      case TOKEN -> requireSendable(signature, decoded);
      case MAC -> {
        requireSecret(shown, decoded);
        requireLength(signature, decoded);
      }
      case PUBLIC -> {
        if (!(signature.origin() instanceof KeyOrigin.Certificate)) {
          PublicKeys.read(signature.algorithm(), decoded);
        }
      }
      case HASH -> {
        // Any text.
      }
    }
    return decoded;
  }

  /** A public key taken for a shared secret would let everybody sign (P02). */
  private static void requireSecret(byte[] shown, byte[] decoded) {
    boolean isPem = new String(shown, StandardCharsets.ISO_8859_1).contains("-----BEGIN ");
    if (isPem || PublicKeys.isPublicKey(decoded) || isPublicKeyText(shown)) {
      throw new IllegalArgumentException("a public key (expected: a shared secret)");
    }
  }

  /** RFC 7518 section 3.2: a token's key is as long as its hash. */
  private static void requireLength(Scheme.Signature signature, byte[] decoded) {
    if (signature.form() instanceof TokenForm
        && decoded.length < signature.algorithm().tagLength()) {
      throw new IllegalArgumentException(
          "too short (expected: " + signature.algorithm().tagLength() + " bytes)");
    }
  }

  private static boolean isPublicKeyText(byte[] shown) {
    try {
      return PublicKeys.isPublicKey(KeyDecoding.BASE64.decode(shown));
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  /** A token that its own header cannot carry would never match, and nobody would know why. */
  private static void requireSendable(Scheme.Signature signature, byte[] token) {
    String text = signature.encoding().encode(token);
    if (text.length() <= signature.maxLength()
        && signature.form() instanceof SignatureForm.Plain plain) {
      try {
        signature.form().split(plain.prefix() + text);
        return;
      } catch (Refusal unsendable) {
        // Said below, without a word of the token.
      }
    }
    throw new IllegalArgumentException(
        "not a header value (expected: visible ASCII without blanks and commas)");
  }

  private static Optional<KeyRing> ring(Scheme.Signature signature, List<Slot> slots) {
    boolean remote = signature.origin() instanceof KeyOrigin.KeySet;
    if (slots.isEmpty() && !remote) {
      return Optional.empty();
    }
    SignatureAlgorithm algorithm = signature.algorithm();
    return Optional.of(
        switch (algorithm.kind()) {
          case MAC -> new MacKeys(algorithm, slots);
          case HASH -> new HashKeys(slots);
          case TOKEN -> new TokenKeys(slots);
          case PUBLIC -> PublicKeyRing.of(signature, slots);
        });
  }

  /** Keys of a keyed hash; each thread has its own keyed {@link Mac} per key. */
  final class MacKeys implements KeyRing {
    private final int[] indexes;
    private final SecretKeySpec[] keys;

    // Not static: the objects hold this endpoint's keys, and must go when the endpoint goes.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<Mac[]> macs = ThreadLocal.withInitial(this::keyed);

    MacKeys(SignatureAlgorithm algorithm, List<Slot> slots) {
      this.indexes = slots.stream().mapToInt(Slot::index).toArray();
      this.keys =
          slots.stream()
              .map(slot -> new SecretKeySpec(slot.key(), algorithm.platformName()))
              .toArray(SecretKeySpec[]::new);
    }

    private Mac[] keyed() {
      return Stream.of(keys).map(MacKeys::keyed).toArray(Mac[]::new);
    }

    static Mac keyed(SecretKeySpec key) {
      try {
        Mac mac = Mac.getInstance(key.getAlgorithm());
        mac.init(key);
        return mac;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java platform has " + key.getAlgorithm(), e);
      }
    }

    @Override
    public int matching(Evidence evidence) {
      Mac[] own = macs.get();
      int matching = 0;
      for (int i = 0; i < own.length; i++) {
        for (SignedContent content : evidence.contents()) {
          own[i].reset();
          content.feed(own[i]);
          byte[] expected = own[i].doFinal();
          for (byte[] tag : evidence.tags()) {
            matching |= MessageDigest.isEqual(tag, expected) ? 1 << indexes[i] : 0;
          }
        }
      }
      return matching;
    }

    /** The keyed hash of a text by one key of the endpoint, for challenges. */
    Optional<byte[]> sign(int index, byte[] text) {
      for (int i = 0; i < indexes.length; i++) {
        if (indexes[i] == index) {
          Mac mac = macs.get()[i];
          mac.reset();
          return Optional.of(mac.doFinal(text));
        }
      }
      return Optional.empty();
    }
  }

  /** Secrets that are hashed together with the message. */
  final class HashKeys implements KeyRing {
    private final List<Slot> secrets;

    HashKeys(List<Slot> slots) {
      this.secrets = copies(slots);
    }

    @Override
    public int matching(Evidence evidence) {
      int matching = 0;
      for (Slot secret : secrets) {
        for (SignedContent content : evidence.contents()) {
          MessageDigest digest = Sha256.local();
          content.feed(digest, secret.key());
          byte[] expected = digest.digest();
          for (byte[] tag : evidence.tags()) {
            matching |= MessageDigest.isEqual(tag, expected) ? 1 << secret.index() : 0;
          }
        }
      }
      return matching;
    }
  }

  static List<Slot> copies(List<Slot> slots) {
    return slots.stream().map(slot -> new Slot(slot.index(), slot.key().clone())).toList();
  }

  /** Tokens that are compared as they are, through a digest, so that lengths do not show. */
  final class TokenKeys implements KeyRing {
    private final List<Slot> digests;

    TokenKeys(List<Slot> tokens) {
      this.digests =
          tokens.stream().map(slot -> new Slot(slot.index(), Sha256.of(slot.key()))).toList();
    }

    @Override
    public int matching(Evidence evidence) {
      int matching = 0;
      for (byte[] tag : evidence.tags()) {
        byte[] digest = Sha256.of(tag);
        for (Slot token : digests) {
          matching |= MessageDigest.isEqual(digest, token.key()) ? 1 << token.index() : 0;
        }
      }
      return matching;
    }
  }
}
