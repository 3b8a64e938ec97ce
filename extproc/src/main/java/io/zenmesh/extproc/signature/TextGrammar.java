package io.zenmesh.extproc.signature;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One character class and a length, written {@code [A-Za-z0-9_-]{16,64}}: the part of regular
 * expressions that a scheme may use, because it is checked in one pass over the text.
 *
 * <p>Inside the brackets stand ASCII characters and ranges; a hyphen counts as itself at the end.
 */
final class TextGrammar {
  private static final int MAX_LENGTH = 1024;
  private static final Pattern FORM =
      Pattern.compile("\\[([!-~]{1,128})\\]\\{([0-9]{1,4}),([0-9]{1,4})\\}");

  private final String source;

  /** A bit for each ASCII character that may stand: 0 to 63, and 64 to 127. */
  private final long low;

  private final long high;
  private final int shortest;
  private final int longest;

  private TextGrammar(String source, BitSet alphabet, int shortest, int longest) {
    this.source = source;
    long[] bits = alphabet.toLongArray();
    this.low = bits.length > 0 ? bits[0] : 0;
    this.high = bits.length > 1 ? bits[1] : 0;
    this.shortest = shortest;
    this.longest = longest;
  }

  /**
   * Reads a grammar.
   *
   * @throws IllegalArgumentException when it is not of the form above, or allows the empty text
   */
  static TextGrammar parse(String source) {
    Matcher matcher = FORM.matcher(source);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not [class]{shortest,longest}");
    }
    int shortest = Integer.parseInt(matcher.group(2));
    int longest = Integer.parseInt(matcher.group(3));
    if (shortest < 1 || longest < shortest || longest > MAX_LENGTH) {
      throw new IllegalArgumentException("lengths not in 1 to " + MAX_LENGTH);
    }
    return new TextGrammar(source, alphabet(matcher.group(1)), shortest, longest);
  }

  private static BitSet alphabet(String inside) {
    BitSet set = new BitSet(128);
    for (int i = 0; i < inside.length(); i++) {
      char from = inside.charAt(i);
      char to = from;
      if (i + 2 < inside.length() && inside.charAt(i + 1) == '-') {
        to = inside.charAt(i + 2);
        i += 2;
      }
      if (to < from) {
        throw new IllegalArgumentException("range " + from + "-" + to + " is empty");
      }
      set.set(from, to + 1);
    }
    return set;
  }

  boolean matches(String text) {
    if (text.length() < shortest || text.length() > longest) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (!allows(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  boolean allows(char c) {
    // A shift counts modulo 64.
    return c < 128 && ((c < 64 ? low : high) >>> c & 1) != 0;
  }

  @Override
  public String toString() {
    return source;
  }
}
