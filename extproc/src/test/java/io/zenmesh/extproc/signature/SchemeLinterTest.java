package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Schemes that users write: errors and weaknesses at their positions, and the JSON Schema. */
class SchemeLinterTest {
  private static final String STRONG =
      """
      name: acme
      title: Acme
      docs: https://acme.example/docs
      weak: false
      signature:
        header: Acme-Signature
        form: plain
        algorithm: hmac-sha256
        encoding: hex
        key: text
      content: "{timestamp}.{body}"
      timestamp: {header: Acme-Time, unit: seconds, tolerance: 300s}
      replay: {by: signed-content, window: 24h}
      """;

  private static List<String> lint(String yaml) {
    return SchemeLinter.lint(yaml).stream().map(SchemeFinding::toString).toList();
  }

  @Test
  void strongScheme_hasNoFinding() {
    assertThat(lint(STRONG)).isEmpty();
  }

  @Test
  void errors_standAtTheirPlaces() {
    assertThat(
            lint(
                STRONG
                    .replace("algorithm: hmac-sha256", "algorithm: md5")
                    .replace("title: Acme\n", "")
                    .replace("unit: seconds", "unit: days")
                    .replace("weak: false", "weak: false\ncolour: red")))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .isEqualTo("1:1: error: title: missing (expected: the provider's name)"),
            second -> assertThat(second).startsWith("4:1: error: colour: unknown key"),
            third -> assertThat(third).startsWith("8:3: error: signature.algorithm: \"md5\" "),
            fourth -> assertThat(fourth).startsWith("12:32: error: timestamp.unit: \"days\" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: {", "a: 1\nb: [", "name: x\n\tb: 1", "a: 'x", "", "[]", "text"})
  void document_thatIsNoMapping_isOneError(String yaml) {
    assertThat(SchemeLinter.lint(yaml))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.path()).isEqualTo("document");
          assertThat(finding.severity()).isEqualTo(SchemeFinding.Severity.ERROR);
          assertThat(finding.line()).isBetween(1, 3);
        });
  }

  @Test
  void weaknesses_areWarnings() {
    String weak = STRONG.replace("weak: false", "weak: true").replace("hmac-sha256", "hmac-sha1");
    assertThat(lint(weak))
        .containsExactly(
            "8:3: warning: signature.algorithm: hmac-sha1 is outdated"
                + " (expected: sha256 or longer)");
    String bodyOnly =
        weak.replace("hmac-sha1", "hmac-sha256")
            .replace("{timestamp}.{body}", "{body}")
            .replace("timestamp: {header: Acme-Time, unit: seconds, tolerance: 300s}\n", "");
    assertThat(lint(bodyOnly))
        .containsExactly(
            "12:1: warning: replay: no signed time and no signed id: an old message is as good as"
                + " a new one");
    String noBody =
        weak.replace("hmac-sha1", "hmac-sha256").replace("{timestamp}.{body}", "{timestamp}");
    assertThat(lint(noBody))
        .containsExactly(
            "11:1: warning: content: the body is not signed (expected: {body} or {body-sha256})");
    String ambiguous =
        STRONG
            .replace("{timestamp}.{body}", "{id}{timestamp}.{body}")
            .replace("replay:", "id: {headers: [Acme-Id], grammar: \"[a-z0-9]{1,20}\"}\nreplay:");
    assertThat(lint(ambiguous))
        .singleElement()
        .asString()
        .startsWith("11:1: warning: content: {id} may run into what follows it");
    String token =
        """
        name: acme
        title: Acme
        docs: https://acme.example/docs
        weak: true
        signature: {header: X, form: plain, algorithm: token-equals, encoding: text, key: text}
        replay: {by: none}
        """;
    assertThat(lint(token))
        .anyMatch(f -> f.startsWith("5:37: warning: signature.algorithm: a token signs nothing"))
        .anyMatch(f -> f.startsWith("6:10: warning: replay.by: no replay protection"));
  }

  static Stream<String> names() {
    return Catalogue.bundled().schemes().stream().map(Scheme::name);
  }

  private static String document(String name) {
    try (InputStream in =
        SchemeLinterTest.class.getResourceAsStream("catalogue/" + name + ".yaml")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void catalogue_hasNoErrorAndFitsTheJsonSchema(String name) {
    assertThat(SchemeLinter.lint(document(name)))
        .noneMatch(finding -> finding.severity() == SchemeFinding.Severity.ERROR);
    assertThat(problem(document(name))).isEmpty();
  }

  private static Optional<String> problem(String yaml) {
    JsonNode schema = new JsonMapper().readTree(Catalogue.schemeSchema());
    return new JsonSchema(schema).problem("", schema, new YAMLMapper().readTree(yaml));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hmac-sha256 | md5",
        "weak: false | weak: maybe",
        "title: Acme | colour: red",
        "header: Acme-Signature | header: 'a b'",
        "unit: seconds, | '' ",
        "window: 24h | window: forever",
        "window: 24h | window: {tolerances: 9, plus: 60s}",
        "docs: https | docs: http",
      })
  void jsonSchema_brokenDocument_isRefused(String right, String wrong) {
    assertThat(STRONG).contains(right);
    assertThat(problem(STRONG)).isEmpty();
    assertThat(problem(STRONG.replace(right, wrong))).isPresent();
    assertThat(SchemeLinter.lint(STRONG.replace(right, wrong)))
        .anyMatch(finding -> finding.severity() == SchemeFinding.Severity.ERROR);
  }

  @Test
  void jsonSchema_words_areThoseOfTheReader() {
    JsonNode signature =
        new JsonMapper().readTree(Catalogue.schemeSchema()).at("/$defs/signature/properties");
    assertThat(words(signature.path("algorithm")))
        .containsExactlyInAnyOrderElementsOf(SignatureAlgorithm.WORDS.keySet());
    assertThat(words(signature.path("key")))
        .containsExactlyInAnyOrderElementsOf(KeyDecoding.WORDS.keySet());
  }

  private static List<String> words(JsonNode node) {
    return node.path("enum").valueStream().map(JsonNode::stringValue).toList();
  }

  /** As much of JSON Schema as ours uses; a keyword that it does not know fails. */
  private record JsonSchema(JsonNode root) {
    Optional<String> problem(String path, JsonNode schema, JsonNode value) {
      for (var keyword : schema.properties()) {
        JsonNode rule = keyword.getValue();
        boolean holds =
            switch (keyword.getKey()) {
              case "$schema", "$id", "title", "description", "$defs", "properties" -> true;
              case "$ref" ->
                  problem(path, root.at(rule.stringValue().substring(1)), value).isEmpty();
              case "type" -> isType(rule.stringValue(), value);
              case "enum" -> rule.valueStream().anyMatch(value::equals);
              case "pattern" -> value.isString() && matches(rule.stringValue(), value);
              case "required" -> rule.valueStream().allMatch(name -> value.has(name.stringValue()));
              case "additionalProperties" ->
                  value.propertyNames().stream().allMatch(schema.path("properties")::has);
              case "minProperties" -> value.size() >= rule.intValue();
              case "minItems" -> value.size() >= rule.intValue();
              case "minimum" -> value.intValue() >= rule.intValue();
              case "maximum" -> value.intValue() <= rule.intValue();
              case "items" -> value.valueStream().allMatch(v -> problem(path, rule, v).isEmpty());
              case "oneOf" ->
                  rule.valueStream().filter(s -> problem(path, s, value).isEmpty()).count() == 1;
              default -> throw new AssertionError(keyword.getKey());
            };
        if (!holds) {
          return Optional.of(path + ": " + keyword.getKey());
        }
      }
      for (var member : schema.path("properties").properties()) {
        if (value.has(member.getKey())) {
          Optional<String> inside =
              problem(path + "/" + member.getKey(), member.getValue(), value.path(member.getKey()));
          if (inside.isPresent()) {
            return inside;
          }
        }
      }
      return Optional.empty();
    }

    private static boolean matches(String pattern, JsonNode value) {
      return Pattern.compile(pattern).matcher(value.stringValue()).find();
    }

    private static boolean isType(String type, JsonNode value) {
      return switch (type) {
        case "object" -> value.isObject();
        case "array" -> value.isArray();
        case "string" -> value.isString();
        case "boolean" -> value.isBoolean();
        case "integer" -> value.isInt();
        default -> throw new AssertionError(type);
      };
    }
  }
}
