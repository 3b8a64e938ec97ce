package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeySetViewTest {
  /** The published example of RFC 8037, appendix A.1 to A.3: nobody's key. */
  private static final String SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

  private static final String X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  private static final String THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

  @Test
  void key_isTheOneOfTheStandard_withItsThumbprint() {
    String verifierKey;
    try (SecretBytes seed = SecretBytes.takeOver(Base64.getUrlDecoder().decode(SEED))) {
      verifierKey = CheckpointSigner.of("log.test", seed).verifierKey();
    }
    assertThat(KeySetView.of(List.of(verifierKey)).keys())
        .containsExactly(
            new KeySetView.Key(
                "OKP", "Ed25519", X, THUMBPRINT, "sig", "audit-checkpoint", verifierKey));
  }
}
