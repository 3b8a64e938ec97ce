package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.SchemeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an endpoint says of its scheme, its provider's questions and dry run. */
class EndpointTrustTest {
  private static final String OWN =
      """
        schemeDefinition: |
          name: orders
          title: Orders of Acme
          docs: https://acme.test/webhooks
          weak: false
          signature:
            header: X-Acme-Signature
            form: plain
            algorithm: hmac-sha256
            encoding: hex
            key: text
          content: "{timestamp}|{body}"
          timestamp: {header: X-Acme-Time, unit: seconds, tolerance: 60s}
          replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  @TempDir Path folder;
  private TestMesh files;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(folder);
    files = TestMesh.in(folder);
  }

  /** The endpoint's scheme, and more lines of its spec. */
  private static String mesh(String scheme, String... lines) {
    String endpoint = TestMesh.endpoint("acme", "hook").replace("scheme: zen", "scheme: " + scheme);
    return TestMesh.platform()
        + TestMesh.tenant("acme")
        + endpoint
        + String.join("", lines).indent(0);
  }

  private EndpointSpec endpoint(String yaml) {
    try (Mesh mesh = files.mesh(yaml)) {
      return mesh.endpoints().getFirst();
    }
  }

  private List<String> problems(String yaml) {
    return switch (files.reader().read("mesh.yaml", yaml)) {
      case MeshReading.Bad(List<MeshProblem> problems) ->
          problems.stream().map(MeshProblem::toString).toList();
      case MeshReading.Good(Mesh mesh) -> {
        mesh.close();
        yield List.of();
      }
    };
  }

  private static int lineOf(String yaml, String text) {
    return (int) yaml.substring(0, yaml.indexOf(text)).lines().count();
  }

  @Test
  void endpoint_isEnforced_unlessItSaysOtherwise() {
    assertThat(endpoint(mesh("zen")).policy().enforce()).isTrue();
    assertThat(endpoint(mesh("zen")).policy().settings()).isEqualTo(SchemeSettings.NONE);
    assertThat(endpoint(mesh("zen", "  enforce: true\n")).policy().enforce()).isTrue();
    assertThat(endpoint(mesh("zen", "  enforce: false\n")).policy().enforce()).isFalse();
    assertThat(problems(mesh("zen", "  enforce: \"false\"\n")))
        .singleElement()
        .asString()
        .contains("spec.enforce: text (expected: true or false)");
  }

  @Test
  void ownScheme_needsSecrets_unlessItsKeysAreFetched() {
    String withKeySet =
        """
          schemeDefinition: |
            name: acme-jwt
            title: Acme's issuer
            docs: https://acme.test/tokens
            weak: true
            signature:
              header: Authorization
              form: token
              prefix: "Bearer "
              algorithmName: ES256
              keyFrom: {keySet: kid, url: "https://issuer.acme.test/keys.json"}
              algorithm: ecdsa-p256-sha256-raw
              encoding: base64url
              key: pem
            timestamp: {part: iat, unit: seconds, tolerance: 1h}
            replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
        """;
    String fetched =
        mesh("acme-jwt", withKeySet)
            .replace("  secretRefs: [signing]\n  destination", "  destination");
    assertThat(endpoint(fetched).secrets()).isEmpty();
    assertThat(problems(fetched.replace(", url: \"https://issuer.acme.test/keys.json\"", "")))
        .singleElement()
        .asString()
        .contains("signature.keyFrom: given");
    String own =
        mesh("orders", OWN).replace("  secretRefs: [signing]\n  destination", "  destination");
    assertThat(problems(own))
        .singleElement()
        .asString()
        .contains("spec.secretRefs: missing (expected: at least one, or a scheme with a key set");
  }

  @Test
  void settings_areRead_andMayStandInForSecrets() {
    String sns =
        mesh(
                "aws-sns",
                "  topicArns: [\"arn:aws:sns:eu-west-1:123456789012:orders\"]\n",
                "  autoConfirm: true\n",
                "  webhookOrigins: [eventgrid.azure.net]\n")
            .replace("  secretRefs: [signing]\n  destination", "  destination");
    SchemeSettings settings = endpoint(sns).policy().settings();
    assertThat(settings.topicArns()).containsExactly("arn:aws:sns:eu-west-1:123456789012:orders");
    assertThat(settings.autoConfirm()).isTrue();
    assertThat(settings.webhookOrigins()).containsExactly("eventgrid.azure.net");
    String asana =
        mesh("asana", "  handshakeUntil: \"2026-01-31T12:00:00Z\"\n")
            .replace("  secretRefs: [signing]\n  destination", "  destination");
    assertThat(endpoint(asana).policy().settings().handshakeUntil())
        .contains(Instant.parse("2026-01-31T12:00:00Z"));
    assertThat(endpoint(asana).secrets()).isEmpty();
    assertThat(endpoint(mesh("meta", "  verifyTokenRef: signing\n")).verifyToken())
        .contains(new Name("signing"));
    assertThat(problems(asana.replace("  handshakeUntil", "  # handshakeUntil")))
        .singleElement()
        .asString()
        .contains("spec.secretRefs: missing");
  }

  @Test
  void settingsOfAnotherScheme_andMalformedOnes_areRefusedAllAtOnce() {
    assertThat(
            problems(
                mesh(
                    "zen",
                    "  topicArns: [orders]\n",
                    "  autoConfirm: true\n",
                    "  handshakeUntil: tomorrow\n",
                    "  webhookOrigins: [\"*\"]\n",
                    "  verifyTokenRef: nobody\n")))
        .extracting(problem -> problem.replaceAll("^.*: spec", "spec").replaceAll(":.*", ""))
        .containsExactlyInAnyOrder(
            "spec.topicArns",
            "spec.handshakeUntil",
            "spec.webhookOrigins",
            "spec.verifyTokenRef",
            "spec.verifyTokenRef",
            "spec.autoConfirm");
  }

  @Test
  void emptyListOfTopics_waivesNoSecret() {
    String mesh = mesh("github", "  topicArns: []\n");
    assertThat(problems(mesh)).singleElement().asString().contains("spec.topicArns: 0 given");
  }

  @Test
  void ownScheme_isRead() {
    EndpointSpec endpoint = endpoint(mesh("orders", OWN));
    assertThat(endpoint.policy().scheme()).isEqualTo("orders");
    assertThat(endpoint.policy().settings().definition()).isPresent();
  }

  @Test
  void ownSchemesErrors_standOnTheirOwnLines_allAtOnce() {
    String yaml =
        mesh("orders", OWN.replace("hmac-sha256", "rot13").replace("weak: false", "weak: maybe"));
    assertThat(problems(yaml))
        .satisfiesExactly(
            problem ->
                assertThat(problem)
                    .startsWith(
                        "mesh.yaml:" + lineOf(yaml, "weak: maybe") + ": Endpoint acme/hook: ")
                    .contains("spec.schemeDefinition: weak: ", "(expected: true | false)"),
            problem ->
                assertThat(problem)
                    .startsWith("mesh.yaml:" + lineOf(yaml, "algorithm: rot13") + ": ")
                    .contains("spec.schemeDefinition: signature.algorithm: ", "(expected: "));
  }

  @Test
  void ownScheme_mayNotShadowTheCatalogue() {
    assertThat(problems(mesh("github", OWN.replace("name: orders", "name: github"))))
        .singleElement()
        .asString()
        .contains("name: github (expected: a name that the catalogue does not have)");
    assertThat(problems(mesh("stripe", OWN)))
        .singleElement()
        .asString()
        .contains("name: orders (expected: the name by which the endpoint calls it)");
  }

  @Test
  void ownSchemes_haveOneContentForEachName_andAreLimitedInNumber() {
    StringBuilder yaml = new StringBuilder(TestMesh.platform()).append(TestMesh.tenant("acme"));
    for (int i = 0; i < 65; i++) {
      yaml.append(TestMesh.endpoint("acme", "e" + i).replace("scheme: zen", "scheme: orders"))
          .append(i == 7 ? OWN.replace("60s", "61s") : OWN);
    }
    assertThat(problems(yaml.toString()))
        .satisfiesExactly(
            problem ->
                assertThat(problem).contains("Endpoint acme/e7: ", "differs from that at line "),
            problem ->
                assertThat(problem)
                    .contains("Endpoint acme/e64: ", "more than 64", "(expected: at most 64)"));
  }

  @Test
  void ownScheme_isLimitedInSize_andConfirmsNothingByItself() {
    assertThat(problems(mesh("orders", OWN + "    # " + "x".repeat(16 * 1024) + "\n")))
        .anySatisfy(problem -> assertThat(problem).contains("of at most 16384 characters"));
    assertThat(problems(mesh("orders", OWN, "  autoConfirm: true\n")))
        .singleElement()
        .asString()
        .contains("spec.autoConfirm: given");
  }
}
