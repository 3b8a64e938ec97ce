package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/** How a secret, as the provider shows it, becomes key bytes. */
enum KeyDecoding {
  /** The text's own bytes. */
  TEXT("any text") {
    @Override
    byte[] bytes(byte[] shown) {
      return shown.clone();
    }
  },

  /** Base64 after {@code whsec_}; the prefix may be missing (Standard Webhooks). */
  WHSEC("whsec_ and padded base64") {
    @Override
    byte[] bytes(byte[] shown) {
      byte[] prefix = "whsec_".getBytes(StandardCharsets.US_ASCII);
      byte[] base64 = startsWith(shown, prefix) ? tail(shown, prefix.length) : shown.clone();
      return canonical(base64, Base64.getDecoder(), Base64.getEncoder());
    }
  },

  /** {@code zenk1_} and base64url of 32 bytes without padding. */
  ZENK1("zenk1_ and 43 characters of base64url") {
    private static final int KEY_LENGTH = 32;

    @Override
    byte[] bytes(byte[] shown) {
      byte[] prefix = "zenk1_".getBytes(StandardCharsets.US_ASCII);
      if (!startsWith(shown, prefix)) {
        throw new IllegalArgumentException("prefix");
      }
      byte[] key =
          canonical(
              tail(shown, prefix.length),
              Base64.getUrlDecoder(),
              Base64.getUrlEncoder().withoutPadding());
      if (key.length != KEY_LENGTH) {
        Arrays.fill(key, (byte) 0);
        throw new IllegalArgumentException("length");
      }
      return key;
    }
  };

  private final String expected;

  KeyDecoding(String expected) {
    this.expected = expected;
  }

  /**
   * Decodes a secret.
   *
   * @param shown the caller's to zero
   * @return the caller's to zero
   * @throws IllegalArgumentException when it is empty or does not decode; the message holds nothing
   *     of it
   */
  byte[] decode(byte[] shown) {
    byte[] key;
    try {
      key = bytes(shown);
    } catch (IllegalArgumentException withContent) {
      throw new IllegalArgumentException("does not decode (expected: " + expected + ")");
    }
    if (key.length == 0) {
      throw new IllegalArgumentException("empty (expected: " + expected + ")");
    }
    return key;
  }

  abstract byte[] bytes(byte[] shown);

  private static boolean startsWith(byte[] shown, byte[] prefix) {
    return shown.length >= prefix.length
        && MessageDigest.isEqual(prefix, Arrays.copyOf(shown, prefix.length));
  }

  private static byte[] tail(byte[] shown, int from) {
    return Arrays.copyOfRange(shown, from, shown.length);
  }

  private static byte[] canonical(byte[] text, Base64.Decoder decoder, Base64.Encoder encoder) {
    byte[] key = decoder.decode(text);
    byte[] again = encoder.encode(key);
    boolean same = MessageDigest.isEqual(again, text);
    Arrays.fill(again, (byte) 0);
    Arrays.fill(text, (byte) 0);
    if (!same) {
      Arrays.fill(key, (byte) 0);
      throw new IllegalArgumentException("spelling");
    }
    return key;
  }
}
