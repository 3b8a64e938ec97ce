package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SignatureForm.OtherVersions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Reads one signature of a scheme document. */
final class SignatureReader {
  static final Map<String, TagEncoding> ENCODINGS =
      Map.of(
          "hex", TagEncoding.HEX,
          "base64", TagEncoding.BASE64,
          "base64url", TagEncoding.BASE64URL,
          "text", TagEncoding.TEXT);

  private static final Pattern VERSIONED_NAME =
      Pattern.compile("[a-z]{1,8}(0|[1-9][0-9]{0,3})[a-z]?");
  private static final TextGrammar PREFIX = TextGrammar.parse("[!-~]{1,32}");
  private static final int DEFAULT_MAX_LENGTH = 4096;
  private static final int LONGEST_LIST = 64;
  private static final String A_NAME = "letters and a number, such as v1";

  private final YamlObject node;
  private final Set<String> parts;

  /**
   * @param parts the parts of the header that something else reads
   */
  SignatureReader(YamlObject node, Set<String> parts) {
    this.node = node;
    this.parts = parts;
  }

  Scheme.Signature read() {
    Scheme.Signature signature =
        new Scheme.Signature(
            source(),
            node.has("maxLength") ? node.number("maxLength", 1, 65_536) : DEFAULT_MAX_LENGTH,
            form(),
            node.choice("algorithm", SignatureAlgorithm.WORDS, SignatureAlgorithm.HMAC_SHA256),
            node.choice("encoding", ENCODINGS, TagEncoding.HEX),
            node.choice("key", KeyDecoding.WORDS, KeyDecoding.TEXT),
            origin(),
            node.optionalObject("when").map(SignatureReader::condition),
            node.optionalObject("secretIs")
                .map(inside -> {
                  ValueSource source = SourceReader.outside(inside);
                  inside.finish();
                  return source;
                }));
    if (!parts.isEmpty()
        && !(signature.form() instanceof SignatureForm.KeyValues)
        && !signature.form().namesContent()) {
      node.note("form", "no parts", "key-values, because parts " + parts + " are read");
    }
    if (signature.form() instanceof SignatureForm.KeyValues form && parts.contains(form.part())) {
      node.note("part", form.part(), "a part that nothing else reads");
    }
    node.finish();
    return signature;
  }

  private ValueSource source() {
    Optional<YamlObject> numbered = node.optionalObject("numbered");
    if (numbered.isEmpty()) {
      return SourceReader.outside(node);
    }
    ValueSource.HeaderName stem =
        numbered
            .get()
            .parsed("header", "a name to number", SourceText.header("none"), SourceText::header);
    int atMost = numbered.get().number("atMost", 1, LONGEST_LIST);
    numbered.get().finish();
    return new ValueSource.Headers(
        IntStream.rangeClosed(1, atMost)
            .mapToObj(number -> SourceText.header(stem.shown() + number))
            .toList());
  }

  static Condition condition(YamlObject node) {
    ValueSource source = SourceReader.outside(node);
    Optional<String> equal = node.optional("equals", "a text", Function.identity());
    node.finish();
    return new Condition(source, equal);
  }

  private KeyOrigin origin() {
    Optional<YamlObject> from = node.optionalObject("keyFrom");
    if (from.isEmpty()) {
      return new KeyOrigin.Endpoint();
    }
    YamlObject inside = from.get();
    KeyOrigin origin =
        inside.has("keySet")
            ? new KeyOrigin.KeySet(
                inside.parsed("keySet", "a part's name", TokenForm.KEY_ID, SourceText::part),
                inside.optional("url", "an https URL without port", KeyOrigin.KeySet::place))
            : certificate(inside);
    inside.finish();
    return origin;
  }

  static KeyOrigin.Certificate certificate(YamlObject inside) {
    List<Pattern> hosts = hosts(inside, "hosts");
    String suffix = inside.has("suffix") ? inside.text("suffix", "the end of a path") : "";
    List<Pattern> names = inside.has("names") ? hosts(inside, "names") : hosts;
    boolean leafAlone = inside.optionalFlag("leafAlone");
    return new KeyOrigin.Certificate(SourceReader.outside(inside), hosts, suffix, names, leafAlone);
  }

  private static List<Pattern> hosts(YamlObject inside, String field) {
    return inside.parsedTexts(
        field, "host names, * for a part of one label", KeyOrigin.Certificate::host);
  }

  private SignatureForm form() {
    String form =
        node.parsed(
            "form",
            "cavage | key-values | message-signature | plain | token | versioned-list",
            "",
            SignatureReader::knownForm);
    return switch (form) {
      case "key-values" -> keyValues();
      case "versioned-list" ->
          new SignatureForm.VersionedList(
              node.parsed(
                  "version", "a version such as v1", "v1", text -> matching(VERSIONED_NAME, text)),
              node.number("atMost", 1, LONGEST_LIST));
      case "token" -> new TokenForm(algorithmName(), prefix(), parts);
      case "message-signature" -> new MessageSignatureForm(algorithmName(), covers(), components());
      case "cavage" -> new CavageForm(algorithmName(), covers(), components());
      default -> new SignatureForm.Plain(prefix(), node.optionalFlag("blanks"));
    };
  }

  private static String knownForm(String text) {
    Set<String> known =
        Set.of("cavage", "key-values", "message-signature", "plain", "token", "versioned-list");
    if (!known.contains(text)) {
      throw new IllegalArgumentException("form");
    }
    return text;
  }

  private SignatureForm keyValues() {
    String separator =
        node.has("separator") ? node.choice("separator", Map.of(",", ",", ";", ";"), ",") : ",";
    return new SignatureForm.KeyValues(
        node.parsed("part", A_NAME, "v1", text -> matching(VERSIONED_NAME, text)),
        node.number("atMost", 1, LONGEST_LIST),
        node.choice(
            "otherVersions",
            Map.of("once", OtherVersions.ONCE, "repeated", OtherVersions.REPEATED),
            OtherVersions.ONCE),
        parts,
        separator.charAt(0),
        node.optionalFlag("blanks"));
  }

  private String algorithmName() {
    return node.text("algorithmName", "the algorithm as the message names it");
  }

  private List<Set<String>> covers() {
    return node.texts("covers", "a list of components that must be signed").stream()
        .map(text -> Set.of(text.split(" ")))
        .toList();
  }

  private List<ValueSource.HeaderName> components() {
    return node.parsedTexts("components", "headers that may be signed", SourceText::header);
  }

  private String prefix() {
    return node.optional(
            "prefix",
            "1 to 32 visible characters",
            text -> {
              if (!PREFIX.matches(text.endsWith(" ") ? text.stripTrailing() : text)) {
                throw new IllegalArgumentException("prefix");
              }
              return text;
            })
        .orElse("");
  }

  private static String matching(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("grammar");
    }
    return text;
  }
}
