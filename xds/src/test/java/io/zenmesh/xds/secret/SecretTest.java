package io.zenmesh.xds.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.EndpointRef;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SecretTest {
  private static final String CANARY = "canary-0f8fad5b";
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");

  @Test
  void secretBytes_showOnlyTheirLength() {
    SecretBytes secret = secret();
    assertThat(secret).hasToString("SecretBytes[" + CANARY.length() + "]");
    assertThat(secret).isNotInstanceOf(Serializable.class).isNotInstanceOf(Comparable.class);
    assertThat(secret).isNotEqualTo(secret());
  }

  @Test
  void carriers_doNotPrintTheSecret() {
    VerificationKey key = new VerificationKey("k1", START, Optional.of(END), secret());
    EndpointKeys keys = new EndpointKeys(EndpointRef.parse("acme/orders"), List.of(key));
    TlsIdentity identity = new TlsIdentity("edge-tls", "chain", secret());
    assertThat(key + " " + keys + " " + identity)
        .doesNotContain(CANARY)
        .contains("k1", "acme/orders", "edge-tls");
  }

  @Test
  void secretBytes_areACopy() {
    byte[] source = CANARY.getBytes(UTF_8);
    SecretBytes secret = SecretBytes.copyOf(source);
    source[0] = 0;
    byte[] copy = secret.copy(SecretAccess.granted());
    assertThat(new String(copy, UTF_8)).isEqualTo(CANARY);
    copy[0] = 0;
    assertThat(new String(secret.copy(SecretAccess.granted()), UTF_8)).isEqualTo(CANARY);
  }

  @Test
  void close_zeroesTheArrayAndEndsReading() {
    byte[] owned = CANARY.getBytes(UTF_8);
    SecretBytes secret = SecretBytes.takeOver(owned);
    secret.close();
    secret.close();
    assertThat(owned).containsOnly(0);
    assertThatThrownBy(() -> secret.copy(SecretAccess.granted()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void sameAs_comparesContent() {
    assertThat(secret().sameAs(secret())).isTrue();
    assertThat(secret().sameAs(SecretBytes.copyOf((CANARY + "x").getBytes(UTF_8)))).isFalse();
    assertThat(secret().sameAs(SecretBytes.copyOf(new byte[0]))).isFalse();
  }

  @Test
  void key_countsFromItsFirstToItsLastInstant() {
    VerificationKey key = new VerificationKey("k1", START, Optional.of(END), secret());
    assertThat(key.validAt(START.minusNanos(1))).isFalse();
    assertThat(key.validAt(START)).isTrue();
    assertThat(key.validAt(END)).isTrue();
    assertThat(key.validAt(END.plusNanos(1))).isFalse();
    assertThat(new VerificationKey("k2", START, Optional.empty(), secret()).validAt(Instant.MAX))
        .isTrue();
  }

  private static SecretBytes secret() {
    return SecretBytes.takeOver(CANARY.getBytes(UTF_8));
  }
}
