package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
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

      | scheme | provider | weak | headers read | signature | signed content | tolerance | replay | source |
      |---|---|---|---|---|---|---|---|---|
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
    return "| `%s` | %s | %s | %s | %s | %s | %s | %s | <%s> |\n"
        .formatted(
            scheme.name(),
            scheme.title(),
            scheme.weak() ? "**weak**" : "no",
            headers,
            signature(scheme.signature()),
            scheme
                .content()
                .map(c -> "`" + c.toString().replace("\n", "\\n") + "`")
                .orElse("nothing"),
            scheme.tolerance().map(t -> t.toSeconds() + " s").orElse("no time"),
            replay(scheme.replay()),
            scheme.docs());
  }

  private static String signature(Scheme.Signature signature) {
    String algorithm = signature.algorithm().name().toLowerCase(Locale.ROOT).replace('_', '-');
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
