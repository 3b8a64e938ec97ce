package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
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
      byte[] bytes = fits ? hexAfter("", text, text.length() / 2) : NONE;
      if (bytes.length == 0) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
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

  private static final int BYTE = 0xff;
  private static final byte[] LOWER_CASE_DIGITS = digits();
  private static final byte[] NONE = new byte[0];

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

  /** So many bytes in lower-case hex after a prefix, and no more; empty when it is not that. */
  static byte[] hexAfter(String prefix, String text, int length) {
    int from = prefix.length();
    if (text.length() != from + 2 * length || !text.startsWith(prefix)) {
      return NONE;
    }
    // One pass without a branch per digit: forged and right ones cost the same, and little.
    // What is no Latin-1 becomes a question mark, and that is no digit; two of UTF-16 become one.
    byte[] digits = text.getBytes(StandardCharsets.ISO_8859_1);
    if (digits.length != text.length()) {
      return NONE;
    }
    byte[] bytes = new byte[length];
    int valid = 0;
    for (int i = 0; i < length; i++) {
      int high = LOWER_CASE_DIGITS[digits[from + 2 * i] & BYTE];
      int low = LOWER_CASE_DIGITS[digits[from + 2 * i + 1] & BYTE];
      valid |= high | low;
      bytes[i] = (byte) (high << 4 | low);
    }
    return valid < 0 ? NONE : bytes;
  }

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

  /** The value of each byte as a lower-case digit; negative where it is none. */
  private static byte[] digits() {
    byte[] digits = new byte[BYTE + 1];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < 16; i++) {
      digits["0123456789abcdef".charAt(i)] = (byte) i;
    }
    return digits;
  }
}
