package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/**
 * How a signature is written. Each byte sequence has one spelling: a second one (upper case, other
 * padding, stray bits) is malformed.
 */
enum TagEncoding {
  /** Lower-case hexadecimal. */
  HEX {
    @Override
    byte[] decode(String text, int length) throws Refusal {
      boolean fits = length == ANY ? text.length() % 2 == 0 : text.length() == 2 * length;
      if (text.isEmpty() || !fits) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      byte[] bytes = new byte[text.length() / 2];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (nibble(text.charAt(2 * i)) << 4 | nibble(text.charAt(2 * i + 1)));
      }
      return bytes;
    }

    @Override
    String encode(byte[] tag) {
      return HexFormat.of().formatHex(tag);
    }
  },

  /** Base64 with the standard alphabet, padded, unused bits zero (RFC 4648 section 4). */
  BASE64 {
    @Override
    byte[] decode(String text, int length) throws Refusal {
      return canonical(text, length, Base64.getDecoder(), Base64.getEncoder());
    }

    @Override
    String encode(byte[] tag) {
      return Base64.getEncoder().encodeToString(tag);
    }
  },

  /** Base64 with the URL alphabet, not padded, unused bits zero (RFC 7515). */
  BASE64URL {
    @Override
    byte[] decode(String text, int length) throws Refusal {
      return canonical(
          text, length, Base64.getUrlDecoder(), Base64.getUrlEncoder().withoutPadding());
    }

    @Override
    String encode(byte[] tag) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(tag);
    }
  },

  /** The bytes themselves; only for tokens, whose length is not known. */
  TEXT {
    @Override
    byte[] decode(String text, int length) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    String encode(byte[] tag) {
      return new String(tag, StandardCharsets.ISO_8859_1);
    }
  };

  /** As a length: any but none. */
  static final int ANY = 0;

  /**
   * Decodes one signature.
   *
   * @param length how many bytes the algorithm yields, or {@link #ANY}
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED} for any other length or spelling
   */
  abstract byte[] decode(String text, int length) throws Refusal;

  abstract String encode(byte[] tag);

  private static byte[] canonical(
      String text, int length, Base64.Decoder decoder, Base64.Encoder encoder) throws Refusal {
    byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes;
    try {
      bytes = decoder.decode(ascii);
    } catch (IllegalArgumentException notBase64) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    boolean fits = length == ANY ? bytes.length > 0 : bytes.length == length;
    if (!fits || !MessageDigest.isEqual(encoder.encode(bytes), ascii)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return bytes;
  }

  private static int nibble(char c) throws Refusal {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw Refusal.of(Reason.SIGNATURE_MALFORMED);
  }
}
