package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract of {@code zenctl signature}: options, exit codes, output. */
class SignatureCommandTest {
  private static final String CANARY = "canary-3f9d2b71-secret";
  private static final String STRICT =
      """
      name: ours
      title: Ours
      docs: https://example.com/docs
      weak: false
      signature:
        header: X-Ours
        form: key-values
        part: v1
        atMost: 2
        otherVersions: once
        algorithm: hmac-sha256
        encoding: hex
        key: text
      content: "{timestamp}.{body}"
      timestamp: {part: t, unit: seconds, tolerance: 300s}
      replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  @TempDir Path folder;

  private SignatureCall github() {
    return SignatureCall.of("github", CANARY, "{\"a\":1}").signed(folder);
  }

  @Test
  void verify_right_endsWithZeroAndSaysSo() {
    ZenctlRun run = github().run(folder, "verify");
    assertThat(run).isEqualTo(new ZenctlRun(0, "verified\n", ""));
  }

  @Test
  void verify_json_isExactlyTheContract() {
    assertThat(github().with("-o", "json").run(folder, "verify").out())
        .isEqualTo(
            """
            {"verdict":"verified","reason":null,"scheme":"github","eventId":"0f8fad5bd9cb469fa16570867728950e","eventIdSigned":false,"weak":true}
            """);
    assertThat(github().withHeader("X-GitHub-Delivery").with("-o", "json").run(folder, "verify"))
        .isEqualTo(
            new ZenctlRun(
                0,
                """
                {"verdict":"verified","reason":null,"scheme":"github","eventId":null,"eventIdSigned":false,"weak":true}
                """,
                ""));
    assertThat(github().withBody("x").with("-o", "json").run(folder, "verify"))
        .isEqualTo(
            new ZenctlRun(
                1,
                """
                {"verdict":"refused","reason":"signature_mismatch","scheme":"github","eventId":null,"eventIdSigned":false,"weak":true}
                """,
                ""));
    assertThat(
            SignatureCall.of("stripe", CANARY, "b")
                .signed(folder)
                .with("-o", "json")
                .run(folder, "verify")
                .out())
        .contains("\"weak\":false");
  }

  @ParameterizedTest
  @CsvSource({"0, verified", "1, verified", "2, refused: signature_mismatch"})
  void secretFile_oneNewlineAtItsEnd_isDropped(int newlines, String expected) {
    SignatureCall signed = github();
    assertThat(signed.withSecret(CANARY + "\n".repeat(newlines)).run(folder, "verify").out())
        .isEqualTo(expected + "\n");
    assertThat(signed.withSecret(CANARY + "\r\n".repeat(newlines)).run(folder, "verify").out())
        .isEqualTo(expected + "\n");
  }

  @Test
  void secretFile_readableByAll_isWarnedOfAndUsed() throws IOException {
    Path file = SignatureCall.file(folder, "open", CANARY);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    ZenctlRun run =
        github().withSecret("").with("--secret-file", file.toString()).run(folder, "verify");
    assertThat(run.out()).isEqualTo("verified\n");
    assertThat(run.err())
        .isEqualTo(
            "zenctl: warning: "
                + file
                + ": rw-r--r-- (expected: a secret that only its owner may read, chmod 600)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"github", "stripe", "standard-webhooks", "slack", "zoom", "paddle"})
  void sign_printsHeadersThatVerify(String scheme) {
    String secret = scheme.equals("standard-webhooks") ? "whsec_" + "QUFB".repeat(8) : CANARY;
    SignatureCall call = SignatureCall.of(scheme, secret, "{}").signed(folder);
    assertThat(call.headers()).isNotEmpty();
    assertThat(call.run(folder, "verify").exitCode()).isZero();
  }

  @Test
  void sign_itsOutput_isAHeaderFile() {
    SignatureCall call = SignatureCall.of("slack", CANARY, "{}");
    Path headers = SignatureCall.file(folder, "headers", call.run(folder, "sign").out());
    assertThat(call.with("--header-file", headers.toString()).run(folder, "verify").out())
        .isEqualTo("verified\n");
  }

  @Test
  void sign_idOfAHeader_isTaken() {
    ZenctlRun run =
        SignatureCall.of("standard-webhooks", "whsec_" + "QUFB".repeat(8), "{}")
            .withHeader("Webhook-Id", "msg_7")
            .run(folder, "sign");
    assertThat(run.out()).contains("webhook-id: msg_7\n");
  }

  @Test
  void sign_json_isOneObject() {
    JsonNode json =
        new JsonMapper()
            .readTree(
                SignatureCall.of("stripe", CANARY, "{}")
                    .with("-o", "json")
                    .run(folder, "sign")
                    .out());
    assertThat(json.at("/headers/Stripe-Signature").asString("")).startsWith("t=1764000000,v1=");
  }

  @Test
  void sign_schemeThatSendsItsSecret_isRefusedUnlessAsked() {
    SignatureCall call = SignatureCall.of("gitlab-token", CANARY, "{}");
    ZenctlRun run = call.run(folder, "sign");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("zenctl: --show-token: missing");
    assertThat(run.out() + run.err()).doesNotContain(CANARY);
    assertThat(call.with("--show-token").run(folder, "sign").out())
        .contains("X-Gitlab-Token: " + CANARY);
  }

  @Test
  void secret_isInNoOutput() {
    SignatureCall wrong = github().withBody("other");
    for (String command : new String[] {"verify", "explain", "sign"}) {
      for (String format : new String[] {"text", "json"}) {
        ZenctlRun run = wrong.with("-o", format).run(folder, command);
        assertThat(run.out() + run.err()).as(command).doesNotContain(CANARY, CANARY.substring(8));
      }
    }
    ZenctlRun undecodable =
        SignatureCall.of("zen", CANARY, "").withUrl("https://a.b/c").run(folder, "verify");
    assertThat(undecodable.exitCode()).isEqualTo(2);
    assertThat(undecodable.err())
        .contains("secret-file: does not decode (expected: zenk1_")
        .doesNotContain(CANARY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense | --scheme: nonsense (expected: a name that 'zenctl signature schemes' lists",
        "absent.yaml | --scheme: absent.yaml does not exist",
        "zen | --url: missing (expected: the URL that the sender knows, zen signs it)",
      })
  void scheme_unknownOrWithoutItsUrl_isUsage(String scheme, String message) {
    ZenctlRun run = SignatureCall.of(scheme, CANARY, "").run(folder, "verify");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("zenctl: " + message);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tolerance=0 | tolerance: PT0S (expected: 1s to",
        "--tolerance=601 | (expected: 1s to 600s)",
        "--at=soon | --at",
        "--header=no-colon | --header: number 2 (expected: 'Name: value')",
        "--header=a b: c | --header: number 2",
        "--url=https://u:p@host/ | --url: with user info (expected: https://host[:port]/path)",
        "--url=/only/a/path | --url: /only/a/path (expected: https://host[:port]/path)",
        "--url=ftp://a.b/c | publicUrl: (expected: https://host[:port]/path)",
        "--method=post | --method",
        "--output=xml | --output",
        "--key-file=absent | --key-file: absent does not exist",
        "--nonsense | --nonsense",
      })
  void option_wrong_isUsage(String option, String message) {
    SignatureCall call = SignatureCall.of("stripe", CANARY, "{}").withHeader("A", "b");
    SignatureCall once =
        option.startsWith("--at") || option.startsWith("--method")
            ? new SignatureCall(
                "stripe", CANARY, "POST", call.url(), call.headers(), "{}", 1, java.util.List.of())
            : call;
    ZenctlRun run =
        option.startsWith("--at") || option.startsWith("--method")
            ? ZenctlRun.of(
                Map.of(),
                "signature",
                "verify",
                "--scheme",
                "stripe",
                "--secret-file",
                SignatureCall.secretFile(folder, CANARY).toString(),
                "--body-file",
                SignatureCall.file(folder, "body", "{}").toString(),
                option)
            : once.with(option).run(folder, "verify");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void secretFile_emptyOrAbsent_isUsage() {
    assertThat(SignatureCall.of("github", "\n", "").run(folder, "verify").err())
        .contains("--secret-file: ")
        .contains("is empty");
    ZenctlRun none = SignatureCall.of("github", "", "").run(folder, "verify");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).isEqualTo("zenctl: --secret-file: missing (expected: F)\n");
  }

  @Test
  void schemeFile_good_isUsed() {
    Path file = SignatureCall.file(folder, "ours.yaml", STRICT);
    SignatureCall call = SignatureCall.of(file.toString(), CANARY, "{}").signed(folder);
    ZenctlRun run = call.with("-o", "json").run(folder, "verify");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("\"verdict\":\"verified\"", "\"scheme\":\"ours\"");
  }

  @Test
  void schemeFile_weak_isUsedWithWarningsAtTheirPlaces() {
    String weak =
        STRICT
            .replace("weak: false", "weak: true")
            .replace("hmac-sha256", "hmac-sha1")
            .replace("name: ours", "name: weak-one");
    Path file = SignatureCall.file(folder, "weak.yaml", weak);
    ZenctlRun run = SignatureCall.of(file.toString(), CANARY, "{}").run(folder, "sign");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .startsWith(file + ":11:3: warning: signature.algorithm: hmac-sha1 is outdated");
  }

  @Test
  void schemeFile_bad_isUsageWithPositions() {
    Path file =
        SignatureCall.file(folder, "bad.yaml", STRICT.replace("encoding: hex", "encoding: hexx"));
    ZenctlRun run = SignatureCall.of(file.toString(), CANARY, "{}").run(folder, "verify");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith(file + ":12:3: error: signature.encoding: ");
    assertThat(run.err()).endsWith("zenctl: --scheme: " + file + " is no scheme\n");
  }

  @Test
  void schemes_listsTheWholeCatalogue() {
    ZenctlRun run = ZenctlRun.of(Map.of(), "signature", "schemes");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines()).hasSizeGreaterThanOrEqualTo(51).hasSize(65);
    assertThat(run.out()).contains("SCHEME  ").containsPattern("(?m)^stripe +Stripe +hmac-sha256");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void schemes_json_hasARowForEach() {
    JsonNode all =
        new JsonMapper()
            .readTree(ZenctlRun.of(Map.of(), "signature", "schemes", "-o", "json").out());
    assertThat(all.size()).isGreaterThanOrEqualTo(50);
    assertThat(all.valueStream().map(row -> row.path("name").asString("")))
        .contains("zen", "github", "stripe", "rfc9421", "basic");
    assertThat(all.valueStream().filter(row -> row.path("name").asString("").equals("stripe")))
        .singleElement()
        .satisfies(row -> {
          assertThat(row.path("toleranceSeconds").asInt()).isEqualTo(300);
          assertThat(row.path("weak").asBoolean()).isFalse();
          assertThat(row.path("headers").get(0).asString("")).isEqualTo("stripe-signature");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "signature --help",
        "signature verify --help",
        "signature sign --help",
        "signature explain --help",
        "signature schemes --help"
      })
  void help_isEverywhere(String line) {
    ZenctlRun run = ZenctlRun.of(Map.of(), line.split(" ", -1));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: zenctl signature");
  }
}
