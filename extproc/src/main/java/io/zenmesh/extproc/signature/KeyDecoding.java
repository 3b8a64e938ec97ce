package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a secret, as the provider shows it, becomes key bytes. */
enum KeyDecoding {
  /** The text's own bytes. */
  TEXT("any text") {
    @Override
    byte[] bytes(byte[] shown) {
      return shown.clone();
    }
  },

  /** The text without blanks and line ends around it. */
  STRIPPED("any text") {
    @Override
    byte[] bytes(byte[] shown) {
      int from = 0;
      int to = shown.length;
      while (from < to && shown[from] >= 0 && shown[from] <= ' ') {
        from++;
      }
      while (to > from && shown[to - 1] >= 0 && shown[to - 1] <= ' ') {
        to--;
      }
      return Arrays.copyOfRange(shown, from, to);
    }
  },

  /** The text after {@code whsec_}, itself the key. */
  WHSEC_TEXT("whsec_ and text") {
    @Override
    byte[] bytes(byte[] shown) {
      byte[] prefix = "whsec_".getBytes(StandardCharsets.US_ASCII);
      if (!startsWith(shown, prefix)) {
        throw new IllegalArgumentException("prefix");
      }
      return tail(shown, prefix.length);
    }
  },

  /** Hexadecimal of either case. */
  HEX("an even number of hex digits") {
    @Override
    byte[] bytes(byte[] shown) {
      byte[] key = new byte[shown.length / 2];
      for (int i = 0; i < shown.length; i++) {
        int digit = shown[i] > 'f' ? -1 : Character.digit(shown[i], 16);
        if (digit < 0 || shown.length % 2 != 0) {
          throw new IllegalArgumentException("digit");
        }
        key[i / 2] = (byte) (key[i / 2] << 4 | digit);
      }
      return key;
    }
  },

  /** Padded base64 of the standard alphabet. */
  BASE64("padded base64") {
    @Override
    byte[] bytes(byte[] shown) {
      return canonical(shown.clone(), Base64.getDecoder(), Base64.getEncoder());
    }
  },

  /** A public key in PEM, or in base64 without the lines around it. */
  PEM("a PUBLIC KEY or CERTIFICATE in PEM, or base64 of one") {
    @Override
    byte[] bytes(byte[] shown) {
      String text = new String(shown, StandardCharsets.ISO_8859_1).strip();
      // The lines around it must not overlap.
      if (text.length() >= 50
          && text.startsWith("-----BEGIN PUBLIC KEY-----")
          && text.endsWith("-----END PUBLIC KEY-----")) {
        text = text.substring(26, text.length() - 24);
      } else if (text.length() >= 52
          && text.startsWith("-----BEGIN CERTIFICATE-----")
          && text.endsWith("-----END CERTIFICATE-----")) {
        text = text.substring(27, text.length() - 25);
      }
      String base64 = text.replace("\r", "").replace("\n", "");
      return canonical(
          base64.getBytes(StandardCharsets.ISO_8859_1), Base64.getDecoder(), Base64.getEncoder());
    }
  },

  /** An Ed25519 public key in base64 after {@code whpk_} (Standard Webhooks). */
  WHPK("whpk_ and padded base64") {
    @Override
    byte[] bytes(byte[] shown) {
      byte[] prefix = "whpk_".getBytes(StandardCharsets.US_ASCII);
      if (!startsWith(shown, prefix)) {
        throw new IllegalArgumentException("prefix");
      }
      return canonical(tail(shown, prefix.length), Base64.getDecoder(), Base64.getEncoder());
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

  static final Map<String, KeyDecoding> WORDS =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(KeyDecoding::shown, Function.identity()));

  private final String expected;

  /** As scheme documents write it. */
  static String shown(KeyDecoding decoding) {
    return decoding.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

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
