package io.zenmesh.extproc.signature;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
  private static final long TWO_BYTES = 0xffff;
  private static final long EACH_BYTE = 0x01_01_01_01_01_01_01_01L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
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
    // What is no Latin-1 becomes a question mark, and that is no digit; two of UTF-16 become one.
    byte[] digits = text.getBytes(StandardCharsets.ISO_8859_1);
    if (digits.length != text.length()) {
      return NONE;
    }
    // Without a branch or a look-up per digit: forged and right ones cost the same, and little.
    byte[] bytes = new byte[length];
    long wrong = 0;
    int done = 0;
    for (; done + Integer.BYTES <= length; done += Integer.BYTES) {
      long eight = (long) LONGS.get(digits, from + 2 * done);
      long values = values(eight);
      wrong |= lowerCaseDigits(values) ^ eight;
      INTS.set(bytes, done, (int) Long.compress(values, 0x0f * EACH_BYTE));
    }
    for (; done < length; done++) {
      int at = from + 2 * done;
      long two = (digits[at] & BYTE) << Byte.SIZE | digits[at + 1] & BYTE;
      long values = values(two);
      wrong |= (lowerCaseDigits(values) ^ two) & TWO_BYTES;
      bytes[done] = (byte) Long.compress(values, 0x0f * EACH_BYTE);
    }
    return wrong == 0 ? bytes : NONE;
  }

  /** The value of each of eight digits, in its own byte; some value for what is no digit. */
  private static long values(long digits) {
    long letters = digits >>> 6 & EACH_BYTE;
    return (digits & 0x0f * EACH_BYTE) + 9 * letters & 0x0f * EACH_BYTE;
  }

  /** The one spelling of each of eight values. */
  private static long lowerCaseDigits(long values) {
    long letters = values + 6 * EACH_BYTE >>> 4 & EACH_BYTE;
    return values + '0' * EACH_BYTE + ('a' - '0' - 10) * letters;
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
}
