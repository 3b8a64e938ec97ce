package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each mistake that senders and operators make is named first by {@code explain}. */
class SignatureExplainTest {
  private static final String BODY = "{\"event\": \"paid\", \"amount\": 100}";
  private static final String WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir Path folder;

  private void first(SignatureCall call, String cause) {
    ZenctlRun run = call.run(folder, "explain");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).startsWith(cause);
    assertThat(run.out()).doesNotContain(call.secret());
    assertThat(run.err()).isEmpty();
  }

  private SignatureCall signed(String scheme, String secret) {
    return SignatureCall.of(scheme, secret, BODY).signed(folder);
  }

  @Test
  void verified_needsNoExplanation() {
    ZenctlRun run = signed("stripe", "right-one").run(folder, "explain");
    assertThat(run).isEqualTo(new ZenctlRun(0, "verified: nothing to explain\n", ""));
  }

  @Test
  void wrongSecret_isNamed() {
    first(
        signed("stripe", "right-one").withSecret("wrong-one"),
        "wrong_secret_or_body: nothing that was tried matches: the sender has another secret");
  }

  @Test
  void previousSecret_isNamed() {
    Path previous = SignatureCall.secretFile(folder, "previous-one");
    first(
        signed("stripe", "previous-one")
            .withSecret("current-one")
            .with("--previous-secret-file", previous.toString()),
        "secret_outside_validity: the message is signed with a secret of this endpoint that does"
            + " not count");
  }

  @Test
  void trailingNewline_lost_isNamed() {
    first(
        SignatureCall.of("github", "right-one", BODY + "\n").signed(folder).withBody(BODY),
        "body_line_end: the line end at the end of the body was lost");
  }

  @Test
  void json_reserialised_isNamed() {
    first(
        signed("github", "right-one").withBody("{\"event\":\"paid\",\"amount\":100}"),
        "body_reserialised: the body was parsed and written again");
  }

  @Test
  void whsec_notStripped_isNamed() {
    // Stripe takes the whole secret as text: what a sender does that does not strip the prefix.
    SignatureCall asText = signed("stripe", WHSEC);
    String tag = asText.header("Stripe-Signature").replaceFirst(".*v1=", "");
    Path hex =
        SignatureCall.file(
            folder,
            "hex.yaml",
            """
            name: decoded
            title: Stripe's form with a decoded secret
            docs: https://example.com/docs
            weak: false
            signature:
              header: Stripe-Signature
              form: key-values
              part: v1
              atMost: 2
              otherVersions: once
              algorithm: hmac-sha256
              encoding: hex
              key: whsec
            content: "{timestamp}.{body}"
            timestamp: {part: t, unit: seconds, tolerance: 300s}
            replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
            """);
    assertThat(tag).hasSize(64);
    first(
        asText.withScheme(hex.toString()),
        "secret_form: the sender used the secret as text, the scheme takes it as whsec");
  }

  @Test
  void milliseconds_whereSecondsAreDue_areNamed() {
    Path milliseconds =
        SignatureCall.file(
            folder,
            "ms.yaml",
            """
            name: sender
            title: Slack's form in milliseconds
            docs: https://example.com/docs
            weak: false
            signature:
              header: X-Slack-Signature
              form: plain
              prefix: v0=
              algorithm: hmac-sha256
              encoding: hex
              key: text
            content: "v0:{timestamp}:{body}"
            timestamp: {headers: [X-Slack-Request-Timestamp], unit: milliseconds, tolerance: 300s}
            replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
            """);
    SignatureCall sent = signed(milliseconds.toString(), "right-one").withScheme("slack");
    first(sent, "timestamp_unit: the time is written in milliseconds, the scheme has seconds\n");
    first(
        signed("slack", "right-one").withScheme(milliseconds.toString()),
        "timestamp_unit: the time is written in seconds, the scheme has milliseconds");
  }

  @Test
  void anotherScheme_isNamed() {
    SignatureCall call = signed("github", "right-one").withScheme("stripe");
    first(call, "other_scheme: the message is right for scheme github\n");
    assertThat(call.run(folder, "explain").out())
        .endsWith("header: Stripe-Signature or what it needs is absent\n");
  }

  @Test
  void json_namesVerdictAndCauses() {
    JsonNode json =
        new JsonMapper()
            .readTree(
                signed("stripe", "right-one")
                    .withSecret("wrong-one")
                    .with("-o", "json")
                    .run(folder, "explain")
                    .out());
    assertThat(json.path("verdict").asString("")).isEqualTo("refused");
    assertThat(json.path("scheme").asString("")).isEqualTo("stripe");
    assertThat(json.at("/causes/0/kind").asString("")).isEqualTo("wrong_secret_or_body");
  }
}
