package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Renders {@code docs/providers.md} from the catalogue. */
class ProvidersPageTest {
  private static final String HEAD =
      """
      # Providers: how each scheme signs, and what it protects

      Generated from the catalogue (`ProvidersPageTest`; rewrite with `-Dgolden.update=true`). A scheme is a
      YAML document below `extproc/src/main/resources/io/zenmesh/extproc/signature/catalogue/`.

      *Weak* means weaker than an HMAC-SHA-256 over body and time. Windows hold for the longest tolerance an
      endpoint may state (600 s), whatever it states: raising a tolerance admits no message that was accepted
      before. What a scheme does not list as signed (method, path, other headers) is not authentic.

      A nonce is used up by the first message that verifies with it, delivered or not: to send a message again after
      a 5xx, sign it anew with a new nonce. Resent byte for byte it is refused with 409 `replayed`. All other schemes
      may resend what was answered 4xx or 5xx as it is.

      A *challenge* is a question of the provider that is answered at the edge and never forwarded: *signed*
      means after verification, *unsigned* without one (GET only).

      | scheme | provider | weak | headers read | signature | signed content | tolerance | replay | challenge | source |
      |---|---|---|---|---|---|---|---|---|---|
      """;

  @Test
  void providersPage_matchesTheCatalogue() throws IOException {
    Path page = page();
    String expected =
        HEAD
            + Catalogue.bundled().schemes().stream()
                .map(ProvidersPageTest::row)
                .collect(Collectors.joining());
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden files are never rewritten in CI").isNull();
      Files.writeString(page, expected);
    }
    assertThat(Files.readString(page))
        .as("docs/providers.md (rewrite with -Dgolden.update=true)")
        .isEqualTo(expected);
  }

  private static String row(Scheme scheme) {
    String headers =
        scheme.headers().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    return "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s | <%s> |\n"
        .formatted(
            scheme.name(),
            scheme.title().replace("|", "\\|"),
            scheme.weak() ? "**weak**" : "no",
            headers,
            scheme.signatures().stream()
                .map(ProvidersPageTest::signature)
                .distinct()
                .collect(Collectors.joining("; or ")),
            content(scheme),
            scheme.tolerance().map(t -> t.toSeconds() + " s").orElse("no time"),
            replay(scheme.replay()),
            challenge(scheme),
            scheme.docs());
  }

  private static String content(Scheme scheme) {
    String template =
        scheme
            .content()
            .map(c -> "`" + c.toString().replace("\n", "\\n").replace("|", "\\|") + "`")
            .orElse(
                switch (scheme.signature().form()) {
                  case TokenForm ignored -> "the token";
                  case MessageSignatureForm form -> covers(form.covers());
                  case CavageForm form -> covers(form.covers());
                  case SignatureForm.Plain ignored -> "nothing";
                  case SignatureForm.KeyValues ignored -> "nothing";
                  case SignatureForm.VersionedList ignored -> "nothing";
                });
    return scheme.bodyHash().isPresent() ? template + ", which holds a hash of the body" : template;
  }

  private static String covers(List<Set<String>> covers) {
    return covers.stream()
        .map(oneOf -> oneOf.stream().sorted().collect(Collectors.joining(" or ", "`", "`")))
        .collect(Collectors.joining(", ", "what the message lists; at least ", ""));
  }

  private static String challenge(Scheme scheme) {
    return scheme.challenges().isEmpty()
        ? "–"
        : scheme.challenges().stream()
            .map(rule ->
                (rule.signed() ? "signed, " : "unsigned, ")
                    + switch (rule.action()) {
                      case ChallengeRule.Action.Respond ignored -> "answered";
                      case ChallengeRule.Action.AskOperator ignored -> "asks the operator";
                      case ChallengeRule.Action.TakeSecret ignored -> "stores the secret once";
                    })
            .collect(Collectors.joining("; "));
  }

  private static String signature(Scheme.Signature signature) {
    String algorithm = signature.algorithm().shown();
    return signature.algorithm() == SignatureAlgorithm.TOKEN_EQUALS
        ? algorithm
        : algorithm
            + ", "
            + signature.encoding().name().toLowerCase(Locale.ROOT)
            + ", key as "
            + signature.key().name().toLowerCase(Locale.ROOT);
  }

  private static String replay(ReplayRule rule) {
    String window = window(rule.window());
    return switch (rule.by()) {
      case NONCE -> "protected: nonce, once in " + window;
      case SIGNED_ID -> "protected: signed id, for " + window;
      case SIGNED_CONTENT -> "protected: signed content, for " + window;
      case UNSIGNED_ID ->
          "**no replay protection**; retries recognised by an unsigned id for " + window;
      case NONE -> "**no replay protection**";
    };
  }

  private static String window(Duration window) {
    return window.toHours() > 0 ? window.toHours() + " h" : window.toSeconds() + " s";
  }

  private static Path page() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("mvnw"))) {
      directory = Objects.requireNonNull(directory.getParent(), "repository root: not found");
    }
    return directory.resolve("docs/providers.md");
  }
}
