package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SignatureForm.OtherVersions;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a scheme document: strictly, and to the end, so that all its problems are found at once.
 */
final class SchemeReader {
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(YAMLFactory.builder().build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern PART_NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");
  private static final Pattern VERSIONED_NAME = Pattern.compile("[a-z]{1,8}(0|[1-9][0-9]{0,3})");
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})(s|m|h)");
  private static final TextGrammar PREFIX = TextGrammar.parse("[!-~]{1,32}");
  private static final int DEFAULT_MAX_LENGTH = 4096;
  private static final int LONGEST_LIST = 64;
  private static final String A_DURATION = "a duration such as 300s, 5m or 24h";
  private static final String A_PART = "a part's name, [a-z][a-z0-9_]*";
  private static final String A_GRAMMAR = "a grammar such as [A-Za-z0-9_-]{16,64}";

  private final YamlObject root;
  private final Set<String> parts = new HashSet<>();

  private SchemeReader(YamlObject root) {
    this.root = root;
  }

  static Scheme read(String yaml) {
    List<String> problems = new ArrayList<>();
    Scheme scheme = new SchemeReader(new YamlObject("", tree(yaml), problems)).scheme();
    problems.addAll(SchemeRules.broken(scheme));
    if (!problems.isEmpty()) {
      throw new InvalidSchemeException(problems);
    }
    return scheme;
  }

  private static JsonNode tree(String yaml) {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(yaml);
    } catch (JacksonException e) {
      throw new InvalidSchemeException(
          List.of("document: " + e.getOriginalMessage() + " (expected: one YAML document)"));
    }
    if (!tree.isObject()) {
      throw new InvalidSchemeException(List.of("document: (expected: a mapping)"));
    }
    return tree;
  }

  private Scheme scheme() {
    Scheme.About about =
        new Scheme.About(
            root.parsed("name", "[a-z0-9][a-z0-9-]{0,62}", "none", text -> new Name(text).value()),
            root.text("title", "the provider's name"),
            root.parsed("docs", "an https URL", URI.create("https:/"), SchemeReader::docs),
            root.flag("weak"));
    Optional<ContentTemplate> content =
        root.optional("content", "text with fields in braces", ContentTemplate::parse);
    Optional<TimestampRule> timestamp = root.optionalObject("timestamp").map(this::timestamp);
    Optional<Scheme.Text> id = root.optionalObject("id").map(this::id);
    Optional<Scheme.Text> nonce = root.optionalObject("nonce").map(this::partText);
    Optional<Scheme.Text> keyHint = root.optionalObject("keyHint").map(this::partText);
    YamlObject signatureNode = root.object("signature");
    Scheme.Signature signature = signature(signatureNode);
    if (!parts.isEmpty() && !(signature.form() instanceof SignatureForm.KeyValues)) {
      signatureNode.note("form", "no parts", "key-values, because parts " + parts + " are read");
    }
    if (signature.form() instanceof SignatureForm.KeyValues form && parts.contains(form.part())) {
      signatureNode.note("part", form.part(), "a part that nothing else reads");
    }
    Scheme.Memory memory = memory(root.object("replay"));
    root.finish();
    return new Scheme(
        about, signature, new Scheme.Inputs(timestamp, id, nonce, keyHint), content, memory);
  }

  private Scheme.Signature signature(YamlObject node) {
    Scheme.Signature signature =
        new Scheme.Signature(
            node.parsed("header", "a header's name", header("none"), SchemeReader::header),
            node.has("maxLength") ? node.number("maxLength", 1, 65_536) : DEFAULT_MAX_LENGTH,
            form(node),
            node.choice(
                "algorithm",
                Map.of(
                    "hmac-sha256", SignatureAlgorithm.HMAC_SHA256,
                    "token-equals", SignatureAlgorithm.TOKEN_EQUALS),
                SignatureAlgorithm.HMAC_SHA256),
            node.choice(
                "encoding",
                Map.of(
                    "hex", TagEncoding.HEX, "base64", TagEncoding.BASE64, "text", TagEncoding.TEXT),
                TagEncoding.HEX),
            node.choice(
                "key",
                Map.of(
                    "text", KeyDecoding.TEXT,
                    "whsec", KeyDecoding.WHSEC,
                    "zenk1", KeyDecoding.ZENK1),
                KeyDecoding.TEXT));
    node.finish();
    return signature;
  }

  private SignatureForm form(YamlObject node) {
    String form =
        node.choice(
            "form",
            Map.of(
                "plain", "plain", "key-values", "key-values", "versioned-list", "versioned-list"),
            "");
    return switch (form) {
      case "key-values" ->
          new SignatureForm.KeyValues(
              node.parsed(
                  "part", "letters and a number, such as v1", "v1", matching(VERSIONED_NAME)),
              node.number("atMost", 1, LONGEST_LIST),
              node.choice(
                  "otherVersions",
                  Map.of("once", OtherVersions.ONCE, "repeated", OtherVersions.REPEATED),
                  OtherVersions.ONCE),
              Set.copyOf(parts));
      case "versioned-list" ->
          new SignatureForm.VersionedList(
              node.parsed("version", "a version such as v1", "v1", matching(VERSIONED_NAME)),
              node.number("atMost", 1, LONGEST_LIST));
      default ->
          new SignatureForm.Plain(
              node.optional(
                      "prefix",
                      "1 to 32 visible characters",
                      text -> {
                        if (!PREFIX.matches(text)) {
                          throw new IllegalArgumentException("prefix");
                        }
                        return text;
                      })
                  .orElse(""));
    };
  }

  private TimestampRule timestamp(YamlObject node) {
    ValueSource source =
        node.has("header")
            ? new ValueSource.Headers(
                List.of(
                    node.parsed("header", "a header's name", header("none"), SchemeReader::header)))
            : part(node);
    node.choice("unit", Map.of("seconds", "seconds"), "seconds");
    Duration tolerance =
        node.parsed(
            "tolerance", "1s to 600s", TimestampRule.LONGEST_TOLERANCE, SchemeReader::tolerance);
    node.finish();
    return new TimestampRule(source, tolerance);
  }

  private Scheme.Text id(YamlObject node) {
    List<ValueSource.HeaderName> names = new ArrayList<>();
    for (String name : node.texts("headers", "a list of header names")) {
      if (HEADER_NAME.matcher(name).matches()) {
        names.add(header(name));
      } else {
        node.note("headers", name, "header names");
      }
    }
    Optional<TextGrammar> grammar = node.optional("grammar", A_GRAMMAR, TextGrammar::parse);
    node.finish();
    return new Scheme.Text(new ValueSource.Headers(List.copyOf(names)), grammar);
  }

  private Scheme.Text partText(YamlObject node) {
    ValueSource source = part(node);
    TextGrammar grammar =
        node.parsed("grammar", A_GRAMMAR, TextGrammar.parse("[a]{1,1}"), TextGrammar::parse);
    node.finish();
    return new Scheme.Text(source, Optional.of(grammar));
  }

  private ValueSource part(YamlObject node) {
    String name = node.parsed("part", A_PART, "none", matching(PART_NAME));
    if (!parts.add(name)) {
      node.note("part", name, "a part that nothing else reads");
    }
    return new ValueSource.Part(name);
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

  private static Function<String, String> matching(Pattern pattern) {
    return text -> {
      if (!pattern.matcher(text).matches()) {
        throw new IllegalArgumentException("grammar");
      }
      return text;
    };
  }

  private static ValueSource.HeaderName header(String shown) {
    if (!HEADER_NAME.matcher(shown).matches()) {
      throw new IllegalArgumentException("header");
    }
    return new ValueSource.HeaderName(shown, shown.toLowerCase(Locale.ROOT));
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
    if (tolerance.compareTo(TimestampRule.LONGEST_TOLERANCE) > 0) {
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
