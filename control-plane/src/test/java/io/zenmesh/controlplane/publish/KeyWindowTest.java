package io.zenmesh.controlplane.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyWindowTest {
  private static final Instant PUT = Instant.parse("2026-01-01T12:00:00.750Z");

  @Test
  void key_usedInTheSecondItWasPut_orByAClockThatIsBehind_counts() {
    try (SecretBytes secret = SecretBytes.copyOf(new byte[32])) {
      VerificationKey key =
          new VerificationKey("a.1", KeyWindow.start(PUT), Optional.empty(), secret);

      assertThat(key.validAt(PUT.truncatedTo(ChronoUnit.SECONDS))).isTrue();
      assertThat(key.validAt(PUT.minus(Duration.ofMinutes(10)))).isTrue();
      assertThat(key.validAt(PUT.minus(Duration.ofMinutes(11)))).isFalse();
    }
  }

  @Test
  void start_neverLiesBeforeTheEpoch() {
    assertThat(KeyWindow.start(Instant.EPOCH)).isEqualTo(Instant.EPOCH);
  }
}
