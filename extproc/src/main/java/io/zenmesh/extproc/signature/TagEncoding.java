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
      if (text.length() != 2 * length) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
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
      byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
      if (ascii.length != (length + 2) / 3 * 4) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      byte[] bytes;
      try {
        bytes = Base64.getDecoder().decode(ascii);
      } catch (IllegalArgumentException notBase64) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      if (bytes.length != length
          || !MessageDigest.isEqual(Base64.getEncoder().encode(bytes), ascii)) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return bytes;
    }

    @Override
    String encode(byte[] tag) {
      return Base64.getEncoder().encodeToString(tag);
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

  /**
   * Decodes one signature.
   *
   * @param length how many bytes the algorithm yields
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED} for any other length or spelling
   */
  abstract byte[] decode(String text, int length) throws Refusal;

  abstract String encode(byte[] tag);

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
