package io.zenmesh.extproc.signature;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How one provider signs: a catalogue entry, parsed and checked. Immutable, thread-safe. */
public final class Scheme {
  static final ValueSource CONTENT_TYPE =
      new ValueSource.Headers(List.of(SourceText.header("Content-Type")));

  /**
   * Who uses it.
   *
   * @param weak labelled so in the document
   */
  record About(String name, String title, URI docs, boolean weak) {}

  /**
   * Where the signature stands and how it is made.
   *
   * @param source every header of the list that is there holds a candidate
   * @param maxLength characters of the value
   * @param origin where keys come from that the endpoint does not hold
   * @param when what must hold of the request, such as a version that is named
   * @param secretShown a value that must be the endpoint's key, where keys are names
   */
  record Signature(
      ValueSource source,
      int maxLength,
      SignatureForm form,
      SignatureAlgorithm algorithm,
      TagEncoding encoding,
      KeyDecoding key,
      KeyOrigin origin,
      Optional<Condition> when,
      Optional<ValueSource> secretShown) {
    private static final ValueSource.HeaderName NONE = new ValueSource.HeaderName("", "");

    Signature with(
        SignatureAlgorithm otherAlgorithm, TagEncoding otherEncoding, KeyDecoding other) {
      return new Signature(
          source, maxLength, form, otherAlgorithm, otherEncoding, other, origin, when, secretShown);
    }

    /** The first header that may hold it; nameless when it stands elsewhere. */
    ValueSource.HeaderName header() {
      return source instanceof ValueSource.Headers(var names) ? names.getFirst() : NONE;
    }
  }

  /**
   * A hash of the body that stands in something signed.
   *
   * @param required whether a message without one is refused
   */
  record BodyHash(ValueSource source, TagEncoding encoding, boolean required) {}

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
      return new ReplayRule(by, Duration.ofNanos(tolerance.toNanos() * tolerances).plus(plus));
    }
  }

  /** Everything beside the signature that a scheme reads. */
  record Inputs(
      Optional<TimestampRule> timestamp,
      Optional<Text> id,
      Optional<Text> nonce,
      boolean nonceOptional,
      Optional<Text> keyHint) {}

  /**
   * What is signed.
   *
   * @param template empty for tokens, and for forms that name it themselves
   * @param url how the sender spells its URL
   * @param bodyHash where it signs a hash of the body
   * @param listed the headers that a message may list as signed
   */
  record Content(
      Optional<ContentTemplate> template,
      SenderUrl url,
      Optional<BodyHash> bodyHash,
      List<ValueSource.HeaderName> listed) {}

  private final About about;
  private final List<Signature> signatures;
  private final Inputs inputs;
  private final Content content;
  private final Memory memory;
  private final List<ChallengeRule> challenges;
  private final Set<String> headers;
  private final String[] headerNames;
  private final boolean keyedChallenge;
  private final Set<JsonPath> jsonPaths;

  Scheme(
      About about,
      List<Signature> signatures,
      Inputs inputs,
      Content content,
      Memory memory,
      List<ChallengeRule> challenges) {
    this.about = about;
    this.signatures = List.copyOf(signatures);
    this.inputs = inputs;
    this.content = content;
    this.memory = memory;
    this.challenges = List.copyOf(challenges);
    SchemeSources sources = new SchemeSources(signatures, inputs, content, challenges);
    this.headers = sources.headers();
    this.headerNames = headers.toArray(String[]::new);
    this.jsonPaths = sources.jsonPaths();
    this.keyedChallenge =
        challenges.stream()
            .anyMatch(rule ->
                rule.action() instanceof ChallengeRule.Action.Respond respond && respond.isKeyed());
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

  /** The same scheme with one other signature, for explanations. */
  Scheme with(Signature signature) {
    return new Scheme(about, List.of(signature), inputs, content, memory, challenges);
  }

  /** The same scheme with another time, for explanations. */
  Scheme with(TimestampRule timestamp) {
    Inputs others =
        new Inputs(
            Optional.of(timestamp),
            inputs.id(),
            inputs.nonce(),
            inputs.nonceOptional(),
            inputs.keyHint());
    return new Scheme(about, signatures, others, content, memory, challenges);
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
    return memory.at(longestTolerance());
  }

  /** The longest tolerance an endpoint may state: 600 s, or the scheme's own if longer. */
  Duration longestTolerance() {
    return tolerance()
        .filter(own -> own.compareTo(TimestampRule.LONGEST_TOLERANCE) > 0)
        .orElse(TimestampRule.LONGEST_TOLERANCE);
  }

  /** The request headers the scheme reads, lower case; no other is ever asked for. */
  public Set<String> headers() {
    return headers;
  }

  /** The same as an array, which is not to be changed: the path of a request goes over it. */
  String[] headerNames() {
    return headerNames;
  }

  /** Where its public keys are published, when the endpoint does not hold them. */
  public KeyPlaces keyPlaces() {
    return KeyPlaces.of(signatures);
  }

  /** The first of its signatures, which is the one we make. */
  Signature signature() {
    return signatures.getFirst();
  }

  /** Every signature that a sender may use; which one is the key's choice. */
  List<Signature> signatures() {
    return signatures;
  }

  Inputs inputs() {
    return inputs;
  }

  /** What is signed; empty for tokens, and for signatures that say it themselves. */
  Optional<ContentTemplate> content() {
    return content.template();
  }

  SenderUrl url() {
    return content.url();
  }

  Optional<BodyHash> bodyHash() {
    return content.bodyHash();
  }

  /** The headers that a message may list as signed, lower case. */
  Set<String> listedHeaders() {
    return content.listed().stream()
        .map(ValueSource.HeaderName::lowerCase)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether an endpoint's keys are no secrets, but names of what it accepts messages of. */
  public boolean keysAreNames() {
    return signatures.stream().allMatch(signature -> signature.secretShown().isPresent());
  }

  boolean hasKeyedChallenge() {
    return keyedChallenge;
  }

  Memory memory() {
    return memory;
  }

  List<ChallengeRule> challenges() {
    return challenges;
  }

  Set<JsonPath> jsonPaths() {
    return jsonPaths;
  }

  /** Whether every byte of the body is covered by the signature. */
  boolean signsBody() {
    return content.template().map(ContentTemplate::signsBody).orElse(false)
        || content.bodyHash().isPresent()
        || signature().form().coversBody();
  }

  /** Whether a value is read only after the signature is known to be right. */
  boolean isReadLater(ValueSource source) {
    return source instanceof ValueSource.Json && signsBody();
  }

  /** Whether the id is covered by the signature. */
  boolean signsId() {
    return content.template().map(template -> template.has(ContentTemplate.Field.ID)).orElse(false)
        || inputs.id().map(text -> isSigned(text.source())).orElse(false);
  }

  /** Whether a message without an id is refused. */
  boolean requiresId() {
    return memory.by() == ReplayRule.By.SIGNED_ID
        || content.template().map(template -> template.has(ContentTemplate.Field.ID)).orElse(false);
  }

  private boolean isSigned(ValueSource source) {
    return isReadLater(source)
        || (source instanceof ValueSource.Part && signature().form().namesContent());
  }

  @Override
  public String toString() {
    return "Scheme[" + name() + "]";
  }
}
