package io.zenmesh.extproc.signature;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How one provider signs: a catalogue entry, parsed and checked. Immutable, thread-safe. */
public final class Scheme {
  /**
   * Who uses it.
   *
   * @param weak labelled so in the document
   */
  record About(String name, String title, URI docs, boolean weak) {}

  /**
   * Where the signature stands and how it is made.
   *
   * @param maxLength characters of the header's value
   */
  record Signature(
      ValueSource.HeaderName header,
      int maxLength,
      SignatureForm form,
      SignatureAlgorithm algorithm,
      TagEncoding encoding,
      KeyDecoding key) {}

  /**
   * A text whose grammar is fixed.
   *
   * @param source where it stands
   * @param grammar what it may be; empty only for ids that nobody signs
   */
  record Text(ValueSource source, Optional<TextGrammar> grammar) {}

  /**
   * How long a message is remembered: {@code tolerances x tolerance + plus}.
   *
   * @param tolerances 0 when the tolerance does not matter
   */
  record Memory(ReplayRule.By by, int tolerances, Duration plus) {
    ReplayRule at(Duration tolerance) {
      return new ReplayRule(by, tolerance.multipliedBy(tolerances).plus(plus));
    }
  }

  /** Everything beside the signature that a scheme reads. */
  record Inputs(
      Optional<TimestampRule> timestamp,
      Optional<Text> id,
      Optional<Text> nonce,
      Optional<Text> keyHint) {}

  private final About about;
  private final Signature signature;
  private final Inputs inputs;
  private final Optional<ContentTemplate> content;
  private final Memory memory;
  private final Set<String> headers;

  Scheme(
      About about,
      Signature signature,
      Inputs inputs,
      Optional<ContentTemplate> content,
      Memory memory) {
    this.about = about;
    this.signature = signature;
    this.inputs = inputs;
    this.content = content;
    this.memory = memory;
    this.headers = headersOf(signature, inputs);
  }

  private static Set<String> headersOf(Signature signature, Inputs inputs) {
    Set<String> names = new LinkedHashSet<>();
    names.add(signature.header().lowerCase());
    List<Optional<ValueSource>> sources =
        List.of(
            inputs.timestamp().map(TimestampRule::source),
            inputs.id().map(Text::source),
            inputs.nonce().map(Text::source),
            inputs.keyHint().map(Text::source));
    for (Optional<ValueSource> source : sources) {
      if (source.isPresent() && source.get() instanceof ValueSource.Headers(var list)) {
        list.forEach(header -> names.add(header.lowerCase()));
      }
    }
    return Collections.unmodifiableSet(names);
  }

  /**
   * Reads a scheme document.
   *
   * @param yaml one document of the scheme language
   * @throws InvalidSchemeException with everything that is wrong with it
   */
  public static Scheme parse(String yaml) {
    return SchemeReader.read(yaml);
  }

  /** The catalogue name, such as {@code stripe}. */
  public String name() {
    return about.name();
  }

  /** The provider's name for people. */
  public String title() {
    return about.title();
  }

  /** The provider's page on its signatures. */
  public URI docs() {
    return about.docs();
  }

  /** Whether the scheme is weaker than an HMAC-SHA-256 over body and time. */
  public boolean weak() {
    return about.weak();
  }

  /** How far a signed timestamp may lie from now; empty for schemes that sign none. */
  public Optional<Duration> tolerance() {
    return inputs.timestamp().map(TimestampRule::tolerance);
  }

  /**
   * How the scheme recognises a message it has seen. The window holds for the longest tolerance an
   * endpoint may state: a tolerance raised later must not outlive what was remembered before.
   */
  public ReplayRule replay() {
    return memory.at(TimestampRule.LONGEST_TOLERANCE);
  }

  /** The request headers the scheme reads, lower case; no other is ever asked for. */
  public Set<String> headers() {
    return headers;
  }

  Signature signature() {
    return signature;
  }

  Inputs inputs() {
    return inputs;
  }

  /** What is signed; empty for tokens. */
  Optional<ContentTemplate> content() {
    return content;
  }

  Memory memory() {
    return memory;
  }

  /** Whether the id is covered by the signature. */
  boolean signsId() {
    return content.map(template -> template.has(ContentTemplate.Field.ID)).orElse(false);
  }

  @Override
  public String toString() {
    return "Scheme[" + name() + "]";
  }
}
