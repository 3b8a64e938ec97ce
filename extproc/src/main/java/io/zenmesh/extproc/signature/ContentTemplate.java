package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SignedContent.Piece;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * What a scheme signs, written as text with fields in braces: {@code {id}.{timestamp}.{body}}.
 *
 * <p>Beside the fields of {@link Field}, {@code {json:a.b}}, {@code {header:Name}}, {@code
 * {query:name}} and {@code {part:name}} stand for values of the request; with a question mark
 * before the closing brace an absent value is empty text, and a group in square brackets is left
 * out when one of its values is absent. Immutable, thread-safe.
 */
final class ContentTemplate {
  private static final Pattern TOKEN =
      Pattern.compile("\\{([a-z0-9-]*)\\}|\\{([a-z]+:[^{}?]+)(\\??)\\}|[^{}\\[\\]]+|[{}\\[\\]]");

  /** What may stand in braces. */
  enum Field {
    METHOD,
    AUTHORITY,
    PATH,
    /** The URL the sender knows. */
    URL,
    TIMESTAMP,
    ID,
    NONCE,
    BODY,
    BODY_SHA256,
    /** CRC-32 of the body, in decimal. */
    BODY_CRC32,
    /** Names and values of a form, sorted; nothing when the URL holds the body's hash. */
    FORM_PAIRS,
    /** Values of the headers that a part of the signature header lists, with dots between them. */
    LISTED_HEADERS,
    /** The key itself. */
    SECRET;

    String shown() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
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

    record From(ValueSource source, boolean emptyIfAbsent) implements Segment {}

    record Group(List<Segment> inside) implements Segment {}
  }

  /** Where the fields' texts come from. Every text has one character per byte. */
  interface Values {
    String text(Field field) throws Refusal;

    Optional<String> from(ValueSource source) throws Refusal;

    ByteBuffer body();
  }

  private final String source;
  private final List<Segment> segments;
  private final Set<Field> fields;
  private final boolean bodyOnly;

  private ContentTemplate(String source, List<Segment> segments) {
    this.source = source;
    this.segments = List.copyOf(segments);
    this.fields = EnumSet.noneOf(Field.class);
    for (Segment segment : segments) {
      if (segment instanceof Segment.Value(Field field)) {
        fields.add(field);
      }
    }
    this.bodyOnly = segments.size() == 1 && indexOf(segments, Field.BODY) == 0;
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException when a field is unknown or stands twice, a literal is not
   *     ASCII, or a bracket has no other
   */
  static ContentTemplate parse(String source) {
    List<Segment> segments = new ArrayList<>();
    List<Segment> group = new ArrayList<>();
    boolean inGroup = false;
    Matcher matcher = TOKEN.matcher(source);
    while (matcher.find()) {
      String token = matcher.group();
      if (token.equals("[") != token.equals("]")) {
        if (inGroup == token.equals("[")) {
          throw new IllegalArgumentException("a bracket without its other");
        }
        if (inGroup) {
          segments.add(new Segment.Group(List.copyOf(group)));
          group.clear();
        }
        inGroup = !inGroup;
        continue;
      }
      Segment segment = segment(matcher);
      if (segment instanceof Segment.Value(Field field) && indexOf(segments, field) >= 0) {
        throw new IllegalArgumentException(token + " twice");
      }
      (inGroup ? group : segments).add(segment);
    }
    if (inGroup) {
      throw new IllegalArgumentException("a bracket without its other");
    }
    return new ContentTemplate(source, segments);
  }

  // Not by equals: what a record compares by takes longer to make than a scheme to read.
  private static int indexOf(List<Segment> segments, Field wanted) {
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i) instanceof Segment.Value(Field field) && field == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static Segment segment(Matcher matcher) {
    String token = matcher.group();
    if (matcher.group(1) != null) {
      return new Segment.Value(
          Field.of(matcher.group(1))
              .orElseThrow(() -> new IllegalArgumentException("unknown field " + token)));
    }
    if (matcher.group(2) != null) {
      return new Segment.From(SourceText.parse(matcher.group(2)), !matcher.group(3).isEmpty());
    }
    if (token.equals("{") || token.equals("}")) {
      throw new IllegalArgumentException("a brace without its other");
    }
    if (!token.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~'))) {
      throw new IllegalArgumentException("text that is not ASCII");
    }
    return new Segment.Literal(token);
  }

  boolean has(Field field) {
    return fields.contains(field);
  }

  /** Whether every byte of the body is signed. */
  boolean signsBody() {
    return has(Field.BODY) || has(Field.BODY_SHA256);
  }

  /** Every value of the request that it reads. */
  List<ValueSource> sources() {
    return sources(segments).toList();
  }

  private static Stream<ValueSource> sources(List<Segment> segments) {
    return segments.stream()
        .flatMap(segment ->
            switch (segment) {
              case Segment.From(ValueSource from, boolean ignored) -> Stream.of(from);
              case Segment.Group(List<Segment> inside) -> sources(inside);
              case Segment.Literal ignored -> Stream.of();
              case Segment.Value ignored -> Stream.of();
            });
  }

  /** The character that ends a field's text; empty when a field or nothing follows it. */
  Optional<Character> terminator(Field field) {
    int next = indexOf(segments, field) + 1;
    return next > 0
            && next < segments.size()
            && segments.get(next) instanceof Segment.Literal(String text)
        ? Optional.of(text.charAt(0))
        : Optional.empty();
  }

  /**
   * Fields of no fixed length that are followed by another field, or by text that they may hold.
   * Times are not among them: the tolerance leaves one length.
   */
  List<String> runningTogether() {
    List<String> open = new ArrayList<>();
    for (int i = 0; i + 1 < segments.size(); i++) {
      boolean field = !(segments.get(i + 1) instanceof Segment.Literal);
      switch (segments.get(i)) {
        case Segment.From(ValueSource from, boolean ignored) -> open.add(from.toString());
        case Segment.Group ignored -> open.add("a group");
        case Segment.Value(Field value) -> {
          if (field && value != Field.TIMESTAMP && value != Field.BODY && value != Field.SECRET) {
            open.add("{" + value.shown() + "}");
          }
        }
        case Segment.Literal ignored -> {
          // Of its own length.
        }
      }
    }
    return open;
  }

  SignedContent render(Values values) throws Refusal {
    if (bodyOnly) {
      return new SignedContent(new Piece.Body(values.body()));
    }
    List<Piece> pieces = new ArrayList<>(3);
    StringBuilder current = new StringBuilder();
    for (Segment segment : segments) {
      if (segment instanceof Segment.Value(Field field)
          && (field == Field.BODY || field == Field.SECRET)) {
        flush(current, pieces);
        pieces.add(field == Field.BODY ? new Piece.Body(values.body()) : new Piece.Secret());
      } else {
        current.append(text(segment, values).orElseThrow(() -> Refusal.of(Reason.BODY_MALFORMED)));
      }
    }
    flush(current, pieces);
    return new SignedContent(pieces);
  }

  private static Optional<String> text(Segment segment, Values values) throws Refusal {
    return switch (segment) {
      case Segment.Literal(String text) -> Optional.of(text);
      case Segment.Value(Field field) -> Optional.of(text(field, values));
      case Segment.From(ValueSource from, boolean emptyIfAbsent) -> {
        Optional<String> value = values.from(from);
        yield value.isEmpty() && emptyIfAbsent ? Optional.of("") : value;
      }
      case Segment.Group(List<Segment> inside) -> Optional.of(group(inside, values));
    };
  }

  private static String group(List<Segment> inside, Values values) throws Refusal {
    StringBuilder text = new StringBuilder();
    for (Segment segment : inside) {
      Optional<String> value = text(segment, values);
      if (value.isEmpty()) {
        return "";
      }
      text.append(value.get());
    }
    return text.toString();
  }

  private static String text(Field field, Values values) throws Refusal {
    return switch (field) {
      case BODY_SHA256 -> HexFormat.of().formatHex(Sha256.of(values.body()));
      case BODY_CRC32 -> {
        CRC32 crc = new CRC32();
        crc.update(values.body());
        yield Long.toString(crc.getValue());
      }
      default -> values.text(field);
    };
  }

  private static void flush(StringBuilder text, List<Piece> pieces) {
    if (!text.isEmpty()) {
      pieces.add(new Piece.Text(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
      text.setLength(0);
    }
  }

  /** The template as it was written. */
  @Override
  public String toString() {
    return source;
  }
}
