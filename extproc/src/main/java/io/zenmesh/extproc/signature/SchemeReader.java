package io.zenmesh.extproc.signature;

import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a scheme document: strictly, and to the end, so that all its problems are found at once.
 */
final class SchemeReader {
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})(s|m|h)");
  private static final String A_DURATION = "a duration such as 300s, 5m or 24h";
  private static final String A_GRAMMAR = "a grammar such as [A-Za-z0-9_-]{16,64}";

  private static final TextGrammar ANY_GRAMMAR = TextGrammar.parse("[a]{1,1}");

  private final YamlObject root;
  private final SourceReader sources = new SourceReader();

  private SchemeReader(YamlObject root) {
    this.root = root;
  }

  static Scheme read(String yaml) {
    return read(DocumentTree.ofYaml(yaml));
  }

  /** Reads a document of the catalogue in its compact form. */
  static Scheme readCompact(String document) {
    return read(CompactForm.read(document));
  }

  private static Scheme read(Map<?, ?> tree) {
    List<String> problems = new ArrayList<>();
    Scheme scheme = new SchemeReader(new YamlObject("", tree, problems)).scheme();
    problems.addAll(SchemeRules.broken(scheme));
    if (!problems.isEmpty()) {
      throw new InvalidSchemeException(problems);
    }
    return scheme;
  }

  private Scheme scheme() {
    Scheme.About about =
        new Scheme.About(
            root.parsed("name", "[a-z0-9][a-z0-9-]{0,62}", "none", text -> new Name(text).value()),
            root.text("title", "the provider's name"),
            root.parsed("docs", "an https URL", URI.create("https:/"), SchemeReader::docs),
            root.flag("weak"));
    Scheme.Content content = content();
    Optional<TimestampRule> timestamp = root.optionalObject("timestamp").map(this::timestamp);
    Optional<Scheme.Text> id = root.optionalObject("id").map(this::id);
    Optional<YamlObject> nonceNode = root.optionalObject("nonce");
    boolean nonceOptional = nonceNode.map(node -> node.optionalFlag("optional")).orElse(false);
    Optional<Scheme.Text> nonce = nonceNode.map(this::partText);
    Optional<Scheme.Text> keyHint = root.optionalObject("keyHint").map(this::partText);
    List<Scheme.Signature> signatures = new ArrayList<>();
    signatures.add(new SignatureReader(root.object("signature"), sources.parts()).read());
    for (YamlObject other : root.objects("alternatives")) {
      signatures.add(new SignatureReader(other, sources.parts()).read());
    }
    List<ChallengeRule> challenges =
        root.objects("challenges").stream().map(ChallengeReader::read).toList();
    Scheme.Memory memory = memory(root.object("replay"));
    root.finish();
    return new Scheme(
        about,
        signatures,
        new Scheme.Inputs(timestamp, id, nonce, nonceOptional, keyHint),
        content,
        memory,
        challenges);
  }

  private Scheme.Content content() {
    Optional<ContentTemplate> template =
        root.optional("content", "text with fields in braces", ContentTemplate::parse);
    template.ifPresent(parsed -> parsed.sources().forEach(sources::noteParts));
    SenderUrl url =
        root.optionalObject("url")
            .map(node -> {
              boolean bothPorts = node.optionalFlag("bothPorts");
              String decoded = node.has("decoded") ? node.text("decoded", "characters") : "";
              node.finish();
              return new SenderUrl(bothPorts, decoded);
            })
            .orElse(SenderUrl.VERBATIM);
    Optional<Scheme.BodyHash> bodyHash =
        root.optionalObject("bodyHash")
            .map(node -> {
              ValueSource source = sources.read(node);
              TagEncoding encoding =
                  node.choice("encoding", SignatureReader.ENCODINGS, TagEncoding.HEX);
              boolean required = !node.optionalFlag("optional");
              node.finish();
              return new Scheme.BodyHash(source, encoding, required);
            });
    List<ValueSource.HeaderName> listed =
        root.has("listedHeaders")
            ? root.parsedTexts("listedHeaders", "header names", SourceText::header)
            : List.of();
    return new Scheme.Content(template, url, bodyHash, listed);
  }

  private TimestampRule timestamp(YamlObject node) {
    ValueSource source = sources.read(node);
    TimestampRule.Unit unit =
        node.choice("unit", TimestampRule.Unit.WORDS, TimestampRule.Unit.SECONDS);
    Duration tolerance =
        node.parsed(
            "tolerance", "1s to 96h", TimestampRule.LONGEST_TOLERANCE, SchemeReader::tolerance);
    node.finish();
    return new TimestampRule(source, unit, tolerance);
  }

  private Scheme.Text id(YamlObject node) {
    ValueSource source = sources.read(node);
    Optional<TextGrammar> grammar = node.optional("grammar", A_GRAMMAR, TextGrammar::parse);
    if (grammar.isEmpty() && node.has("grammar")) {
      // It is wrong, which is noted, and not missing too.
      grammar = Optional.of(ANY_GRAMMAR);
    }
    node.finish();
    return new Scheme.Text(source, grammar);
  }

  private Scheme.Text partText(YamlObject node) {
    ValueSource source = sources.read(node);
    TextGrammar grammar = node.parsed("grammar", A_GRAMMAR, ANY_GRAMMAR, TextGrammar::parse);
    node.finish();
    return new Scheme.Text(source, Optional.of(grammar));
  }

  private static Scheme.Memory memory(YamlObject node) {
    ReplayRule.By by =
        node.choice(
            "by",
            Map.of(
                "nonce", ReplayRule.By.NONCE,
                "signed-id", ReplayRule.By.SIGNED_ID,
                "signed-content", ReplayRule.By.SIGNED_CONTENT,
                "unsigned-id", ReplayRule.By.UNSIGNED_ID,
                "none", ReplayRule.By.NONE),
            ReplayRule.By.NONE);
    int tolerances = 0;
    Duration plus = Duration.ZERO;
    if (by == ReplayRule.By.NONE && !node.has("window")) {
      node.finish();
      return new Scheme.Memory(by, tolerances, plus);
    }
    Optional<YamlObject> relative =
        node.has("window") && !node.isText("window")
            ? node.optionalObject("window")
            : Optional.empty();
    if (relative.isPresent()) {
      tolerances = relative.get().number("tolerances", 1, 8);
      plus = relative.get().parsed("plus", A_DURATION, plus, SchemeReader::duration);
      relative.get().finish();
    } else {
      plus = node.parsed("window", A_DURATION, plus, SchemeReader::duration);
    }
    node.finish();
    return new Scheme.Memory(by, tolerances, plus);
  }

  private static URI docs(String text) {
    URI uri = URI.create(text);
    if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("docs");
    }
    return uri;
  }

  private static Duration tolerance(String text) {
    Duration tolerance = duration(text);
    if (tolerance.compareTo(TimestampRule.LONGEST_OF_A_SCHEME) > 0) {
      throw new IllegalArgumentException("tolerance");
    }
    return tolerance;
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("duration");
    }
    int amount = Integer.parseInt(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }
}
