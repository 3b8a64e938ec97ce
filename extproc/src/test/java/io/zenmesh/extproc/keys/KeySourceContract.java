package io.zenmesh.extproc.keys;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.signature.KeyReference;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.RemoteKey;
import java.net.URI;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link KeySource} does, adapters and fakes. */
abstract class KeySourceContract {
  static final URI CERTIFICATE = URI.create("https://sns.eu-west-1.amazonaws.com/cert.pem");

  abstract KeySource source();

  /** Publishes a key under an id. */
  abstract PublicKey publishKey(String id);

  /** Publishes a certificate with its issuers. */
  abstract PublicKey publishCertificate(URI url);

  private RemoteKey found(KeyReference reference) {
    return eventually(
            reference.toString(), () -> source().find(reference), Optional<RemoteKey>::isPresent)
        .orElseThrow();
  }

  @Test
  void find_publishedKey_missesFirst_andIsThereSoonAfter() {
    PublicKey key = publishKey("key-1");
    KeyReference reference = new KeyReference.KeyId("key-1");
    assertThat(source().find(reference)).isEmpty();
    assertThat(found(reference).key()).isEqualTo(key);
    assertThat(source().find(reference)).isPresent();
  }

  @Test
  void find_publishedCertificate_isThereSoonAfter_withItsValidity() {
    PublicKey key = publishCertificate(CERTIFICATE);
    KeyReference reference = new KeyReference.Certificate(CERTIFICATE);
    assertThat(source().find(reference)).isEmpty();
    RemoteKey found = found(reference);
    assertThat(found.key()).isEqualTo(key);
    assertThat(found.notAfter()).isPresent();
    assertThat(found.validAt(found.notBefore())).isTrue();
    assertThat(found.validAt(found.notBefore().minusSeconds(1))).isFalse();
  }

  @Test
  void find_keyWithoutAnEnd_countsAtAnyTime() {
    PublicKey unused = publishKey("key-1");
    RemoteKey found = found(new KeyReference.KeyId("key-1"));
    assertThat(found.validAt(Instant.EPOCH)).isTrue();
    assertThat(found.validAt(Instant.parse("2100-01-01T00:00:00Z"))).isTrue();
  }

  @Test
  void find_unknownReference_staysEmpty() {
    PublicKey unused = publishKey("key-1");
    RemoteKey found = found(new KeyReference.KeyId("key-1"));
    assertThat(found).isNotNull();
    assertThat(source().find(new KeyReference.KeyId("key-2"))).isEmpty();
    assertThat(source().find(new KeyReference.KeyId("key-2"))).isEmpty();
    assertThat(source().find(new KeyReference.Certificate(URI.create("https://b.example/c.pem"))))
        .isEmpty();
  }
}
