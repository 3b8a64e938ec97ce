package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Signing: header names and forms as the providers write them, and what it refuses to sign. */
class SchemeSignerTest {
  private static Map<String, String> sign(String scheme, String secret, String id) {
    return SchemeSigner.sign(
        TestKeys.scheme(scheme),
        TestKeys.secret(secret),
        TestRequest.post("{}").message(),
        new SchemeSigner.Delivery(Sample.NOW, id, Optional.of("acme.edge-eu1.3")));
  }

  @Test
  void headers_perScheme_areNamedAsTheProviderDoes() {
    assertThat(sign("zen", TestKeys.ZEN, Sample.NONCE))
        .containsExactly(
            Map.entry(
                "X-Zen-Signature",
                // Vector zen-no-key-id signs the same content.
                "t=1764000000,n=0f8fad5bd9cb469fa16570867728950e,k=acme.edge-eu1.3,v1="
                    + "e0ab0a65e21c6c4c6bd01727a8c5cb91ec0141db4f0a7049844c137403bea90d"));
    assertThat(sign("github", "s", "d1").keySet())
        .containsExactly("X-GitHub-Delivery", "X-Hub-Signature-256");
    assertThat(sign("gitlab-token", "s", "d1"))
        .containsExactly(Map.entry("Idempotency-Key", "d1"), Map.entry("X-Gitlab-Token", "s"));
    assertThat(sign("stripe", "s", "d1").keySet()).containsExactly("Stripe-Signature");
    assertThat(sign("standard-webhooks", TestKeys.WHSEC, "d1").keySet())
        .containsExactly("webhook-timestamp", "webhook-id", "webhook-signature");
  }

  @Test
  void id_outsideTheGrammar_isRefused() {
    assertThatThrownBy(() -> sign("zen", TestKeys.ZEN, "short"))
        .hasMessage("nonce: short (expected: [A-Za-z0-9_-]{16,64})");
    assertThatThrownBy(() -> sign("standard-webhooks", TestKeys.WHSEC, "a.b"))
        .hasMessage("id: a.b (expected: [A-Za-z0-9_:-]{1,128})");
    assertThatThrownBy(() -> sign("github", "s", "two words"))
        .hasMessage("id: two words (expected: visible ASCII)");
  }

  @Test
  void message_withNewlineInThePath_isRefused() {
    assertThatThrownBy(() ->
            SchemeSigner.sign(
                TestKeys.scheme("zen"),
                TestKeys.secret(TestKeys.ZEN),
                TestRequest.post("").withPath("/a\n/b").message(),
                new SchemeSigner.Delivery(Sample.NOW, Sample.NONCE)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void P12_secretThatDoesNotDecode_isNotInTheMessage() {
    assertThatThrownBy(() -> sign("zen", "zenk1_canarycanarycanary", Sample.NONCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("canary");
  }
}
