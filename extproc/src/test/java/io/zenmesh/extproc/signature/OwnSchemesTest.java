package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnSchemesTest {
  private static final String TEXT =
      """
      name: %s
      title: Orders of Acme
      docs: https://acme.test/webhooks
      weak: false
      signature:
        header: X-Acme-Signature
        form: plain
        algorithm: %s
        encoding: hex
        key: text
      content: "{timestamp}|{body}"
      timestamp: {header: X-Acme-Time, unit: seconds, tolerance: 60s}
      replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  private final OwnSchemes schemes = new OwnSchemes(Catalogue.bundled());

  private List<String> errors(String name, String text) {
    return schemes.findings(name, text).stream()
        .filter(OwnSchemes::isError)
        .map(SchemeFinding::toString)
        .toList();
  }

  private static String text(String name, String algorithm) {
    return TEXT.formatted(name, algorithm);
  }

  @Test
  void ownScheme_isReadByItsName() {
    Scheme scheme =
        schemes.find("orders", Optional.of(text("orders", "hmac-sha256"))).orElseThrow();
    assertThat(scheme.name()).isEqualTo("orders");
    assertThat(schemes.find("github", Optional.empty()).orElseThrow().name()).isEqualTo("github");
    assertThat(schemes.find("orders", Optional.empty())).isEmpty();
  }

  @Test
  void catalogueName_isNotShadowed() {
    assertThat(errors("github", text("github", "hmac-sha256")))
        .containsExactly(
            "1:1: error: name: github (expected: a name that the catalogue does not have)");
    assertThatThrownBy(() -> schemes.read("github", text("github", "hmac-sha256")))
        .isInstanceOf(InvalidSchemeException.class);
  }

  @Test
  void otherName_isRefused() {
    assertThat(errors("orders", text("orderz", "hmac-sha256")))
        .containsExactly(
            "1:1: error: name: orderz (expected: the name by which the endpoint calls it)");
  }

  @Test
  void malformedDocument_isRefusedWithItsPosition() {
    assertThat(errors("orders", text("orders", "rot13")))
        .singleElement()
        .asString()
        .startsWith("8:3: error: signature.algorithm: \"rot13\" (expected: ");
    assertThat(errors("orders", "name: [")).isNotEmpty();
  }

  @Test
  void longDocument_isNotEvenParsed() {
    assertThat(errors("orders", "#".repeat(16 * 1024 + 1)))
        .singleElement()
        .asString()
        .contains("16385 characters (expected: at most 16384)");
  }

  @Test
  void keysFromElsewhere_areNotForOwnSchemes() {
    String fetching =
        text("orders", "rsa-sha256")
            .replace(
                "  key: text",
                "  key: text\n  keyFrom: {header: X-Cert, hosts: [\"internal.test\"], suffix: .pem}");
    assertThat(errors("orders", fetching))
        .singleElement()
        .asString()
        .contains("signature.keyFrom: given");
  }

  /** The parser reads an alias as its name: the scheme would ask for header "sig". */
  @Test
  void alias_isRefusedAtItsPlace() {
    String aliased =
        text("orders", "hmac-sha256")
            .replace("title: Orders of Acme", "title: &sig X-Acme-Signature")
            .replace("header: X-Acme-Signature", "header: *sig");
    assertThat(errors("orders", aliased))
        .containsExactly("6:3: error: signature.header: an alias (expected: the value itself)");
    assertThat(
            errors(
                "orders", aliased.replace("*sig", "X-Acme-Signature").replace("60s}}", "*sig}}")))
        .singleElement()
        .asString()
        .contains("replay.window.plus: an alias");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Zen-Verified", "x-zen-tenant", "X-Zen-Signature-2", "Host"})
  void headerThatEnvoyTakesAway_isRefused(String header) {
    String text = text("orders", "hmac-sha256");
    assertThat(errors("orders", text.replace("X-Acme-Signature", header)))
        .singleElement()
        .asString()
        .startsWith("6:3: error: signature.header: " + header + " (expected: a header that Envoy");
    assertThat(errors("orders", text.replace("X-Acme-Time", header)))
        .singleElement()
        .asString()
        .contains("timestamp.header: " + header);
    assertThat(errors("orders", text.replace("X-Acme-Signature", "X-Zen-Signature"))).isEmpty();
  }

  @Test
  void wrongGrammar_isToldOnce() {
    String text =
        text("orders", "hmac-sha256").replace("{timestamp}|{body}", "{timestamp}|{id}|{body}")
            + "id: {header: X-Acme-Id, grammar: \"[a-\"}\n";
    assertThat(errors("orders", text))
        .singleElement()
        .asString()
        .contains("id.grammar: \"[a-\" (expected: a grammar");
  }

  @Test
  void answersHeaders_areThoseThatEnvoyLetsUsSet() {
    String cookie =
        text("orders", "hmac-sha256")
            + "challenges: [{when: {json: a}, answer: {headers: {set-cookie: a}, body: b}}]\n";
    assertThat(errors("orders", cookie))
        .singleElement()
        .asString()
        .contains("challenges[0].answer.headers: not allowed");
    assertThat(errors("orders", cookie.replace("set-cookie: a", "content-type: \"a\\r\\nb\"")))
        .hasSize(1);
    assertThat(errors("orders", cookie.replace("set-cookie: a", "content-type: text/plain")))
        .isEmpty();
  }
}
