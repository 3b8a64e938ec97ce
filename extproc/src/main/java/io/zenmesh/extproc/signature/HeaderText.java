package io.zenmesh.extproc.signature;

import java.util.List;

/** The rules for text that senders control: one header field, visible ASCII. */
final class HeaderText {
  private static final char FIRST_VISIBLE = '!';
  private static final char LAST_VISIBLE = '~';

  private HeaderText() {}

  /**
   * The one value of a header; empty text when the header is absent or empty.
   *
   * @throws Refusal {@link Reason#HEADER_DUPLICATED} when there are two fields
   */
  static String single(SignedRequest request, String lowerCaseName) throws Refusal {
    List<String> values = request.header(lowerCaseName);
    if (values.size() > 1) {
      throw Refusal.of(Reason.HEADER_DUPLICATED);
    }
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** Whether every character is visible ASCII: no blank, no control, nothing above 0x7e. */
  static boolean isVisible(String text) {
    int outside = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Negative when c lies below or above; one test for all instead of one for each.
      outside |= (c - FIRST_VISIBLE) | (LAST_VISIBLE - c);
    }
    return outside >= 0;
  }

  /** Whether every character is visible ASCII or {@code also}. */
  static boolean isVisibleOr(String text, char also) {
    if (isVisible(text)) {
      return true;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < FIRST_VISIBLE || c > LAST_VISIBLE) && c != also) {
        return false;
      }
    }
    return true;
  }
}
