package io.zenmesh.controlplane.audit;

/** Texts that may go on record: no control characters, no half of a surrogate pair. */
final class Printable {
  private static final char INSTEAD = '\ufffd';

  private Printable() {}

  /**
   * The text with each character that may not go on record as U+FFFD; ASCII comes back as it is.
   */
  static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f) {
        return replaced(text);
      }
    }
    return text;
  }

  private static String replaced(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(bad(c) ? INSTEAD : c));
    return out.toString();
  }

  private static boolean bad(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
