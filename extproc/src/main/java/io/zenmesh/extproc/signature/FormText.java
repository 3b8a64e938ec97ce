package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads {@code application/x-www-form-urlencoded} text strictly: a percent sign without two hex
 * digits is malformed. One character per decoded byte.
 */
final class FormText {
  private static final int MAX_PAIRS = 1_000;

  private FormText() {}

  /**
   * The one value of a name in a query.
   *
   * @throws Refusal {@link Reason#SIGNATURE_MALFORMED} when the name stands twice, or its value
   *     does not decode
   */
  static Optional<String> parameter(String query, String name) throws Refusal {
    Optional<String> found = Optional.empty();
    for (String pair : query.split("&", MAX_PAIRS)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      if (decode(key, Reason.SIGNATURE_MALFORMED).equals(name)) {
        if (found.isPresent()) {
          throw Refusal.of(Reason.SIGNATURE_MALFORMED);
        }
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        found = Optional.of(decode(value, Reason.SIGNATURE_MALFORMED));
      }
    }
    return found;
  }

  /**
   * Names and values one after the other, sorted by name, the values of a name sorted and each
   * once: what Twilio signs.
   *
   * @throws Refusal {@link Reason#BODY_MALFORMED}, {@link Reason#BODY_TOO_LARGE} above 1 MiB
   */
  static String sortedPairs(ByteBuffer body) throws Refusal {
    if (body.remaining() > JsonFields.MAX_BYTES) {
      throw Refusal.of(Reason.BODY_TOO_LARGE);
    }
    SortedMap<String, SortedSet<String>> pairs = new TreeMap<>();
    String text = StandardCharsets.ISO_8859_1.decode(body.duplicate()).toString();
    String[] all = text.isEmpty() ? new String[0] : text.split("&", MAX_PAIRS + 1);
    if (all.length > MAX_PAIRS) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
    for (String pair : all) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      pairs
          .computeIfAbsent(decode(key, Reason.BODY_MALFORMED), k -> new TreeSet<>())
          .add(decode(value, Reason.BODY_MALFORMED));
    }
    StringBuilder sorted = new StringBuilder(text.length());
    pairs.forEach((name, values) -> values.forEach(value -> sorted.append(name).append(value)));
    return sorted.toString();
  }

  /** Decodes plus signs and percent escapes. */
  private static String decode(String text, Reason malformed) throws Refusal {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0 || text.charAt(i + 1) > 'f' || text.charAt(i + 2) > 'f') {
          throw Refusal.of(malformed);
        }
        decoded.append((char) (high << 4 | low));
        i += 2;
      } else {
        decoded.append(c == '+' ? ' ' : c);
      }
    }
    return decoded.toString();
  }
}
