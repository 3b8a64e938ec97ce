package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The written form of a {@link ValueSource}: {@code json:a.b}, {@code header:Name} and so on. */
final class SourceText {
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern PART_NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");
  private static final Pattern QUERY_NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private SourceText() {}

  /**
   * Reads kind and name.
   *
   * @throws IllegalArgumentException when the kind is unknown or the name not of its grammar
   */
  static ValueSource parse(String text) {
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1);
    return switch (text.substring(0, Math.max(colon, 0))) {
      case "json" -> new ValueSource.Json(JsonPath.parse(name));
      case "header" -> new ValueSource.Headers(List.of(header(name)));
      case "query" -> new ValueSource.Query(matching(QUERY_NAME, name));
      case "part" -> new ValueSource.Part(part(name));
      default -> throw new IllegalArgumentException("kind");
    };
  }

  static ValueSource.HeaderName header(String shown) {
    // Interned: that two are the same then shows in one comparison.
    return new ValueSource.HeaderName(
        matching(HEADER_NAME, shown), shown.toLowerCase(Locale.ROOT).intern());
  }

  static String part(String name) {
    return matching(PART_NAME, name);
  }

  private static String matching(Pattern pattern, String name) {
    if (!pattern.matcher(name).matches()) {
      throw new IllegalArgumentException("name");
    }
    return name;
  }
}
