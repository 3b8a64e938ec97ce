package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a scheme signs, written as text with fields in braces: {@code {id}.{timestamp}.{body}}.
 *
 * <p>Immutable, thread-safe.
 */
final class ContentTemplate {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final Pattern TOKEN = Pattern.compile("\\{([a-z0-9-]*)\\}|[^{}]+|[{}]");

  /** What may stand in braces. */
  enum Field {
    METHOD,
    AUTHORITY,
    PATH,
    TIMESTAMP,
    ID,
    NONCE,
    BODY,
    BODY_SHA256;

    String shown() {
      return this == BODY_SHA256 ? "body-sha256" : name().toLowerCase(Locale.ROOT);
    }

    static Optional<Field> of(String shown) {
      for (Field field : values()) {
        if (field.shown().equals(shown)) {
          return Optional.of(field);
        }
      }
      return Optional.empty();
    }
  }

  /** A piece of the template. */
  private sealed interface Segment {
    record Literal(String text) implements Segment {}

    record Value(Field field) implements Segment {}
  }

  /** Where the fields' texts come from. Every text is visible ASCII. */
  interface Values {
    String text(Field field) throws Refusal;

    ByteBuffer body();
  }

  private final String source;
  private final List<Segment> segments;

  private ContentTemplate(String source, List<Segment> segments) {
    this.source = source;
    this.segments = List.copyOf(segments);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException when a field is unknown or stands twice, or a literal is not
   *     ASCII
   */
  static ContentTemplate parse(String source) {
    List<Segment> segments = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(source);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name != null) {
        Segment value =
            new Segment.Value(
                Field.of(name)
                    .orElseThrow(
                        () -> new IllegalArgumentException("unknown field {" + name + "}")));
        if (segments.contains(value)) {
          throw new IllegalArgumentException("field {" + name + "} twice");
        }
        segments.add(value);
      } else if (matcher.group().equals("{") || matcher.group().equals("}")) {
        throw new IllegalArgumentException("a brace without its other");
      } else {
        segments.add(literal(matcher.group()));
      }
    }
    return new ContentTemplate(source, segments);
  }

  private static Segment literal(String text) {
    if (!text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~'))) {
      throw new IllegalArgumentException("text that is not ASCII");
    }
    return new Segment.Literal(text);
  }

  boolean has(Field field) {
    return segments.contains(new Segment.Value(field));
  }

  boolean signsBody() {
    return has(Field.BODY) || has(Field.BODY_SHA256);
  }

  /** The character that ends a field's text; empty when a field or nothing follows it. */
  Optional<Character> terminator(Field field) {
    int next = segments.indexOf(new Segment.Value(field)) + 1;
    return next > 0
            && next < segments.size()
            && segments.get(next) instanceof Segment.Literal(String text)
        ? Optional.of(text.charAt(0))
        : Optional.empty();
  }

  SignedContent render(Values values) throws Refusal {
    StringBuilder before = new StringBuilder();
    StringBuilder after = new StringBuilder();
    StringBuilder current = before;
    ByteBuffer body = NOTHING;
    for (Segment segment : segments) {
      switch (segment) {
        case Segment.Literal(String text) -> current.append(text);
        case Segment.Value value -> {
          switch (value.field()) {
            case BODY -> {
              body = values.body();
              current = after;
            }
            case BODY_SHA256 -> current.append(HexFormat.of().formatHex(Sha256.of(values.body())));
            default -> current.append(values.text(value.field()));
          }
        }
      }
    }
    return new SignedContent(bytes(before), body, bytes(after));
  }

  /** The template as it was written. */
  @Override
  public String toString() {
    return source;
  }

  private static byte[] bytes(StringBuilder ascii) {
    return ascii.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
