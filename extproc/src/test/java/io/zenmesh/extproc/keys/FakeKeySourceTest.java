package io.zenmesh.extproc.keys;

import io.zenmesh.extproc.fixture.FakeKeySource;
import io.zenmesh.extproc.signature.KeyReference;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.RemoteKey;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;

class FakeKeySourceTest extends KeySourceContract {
  private final FakeKeySource fake = new FakeKeySource();

  @Override
  KeySource source() {
    return fake;
  }

  private static PublicKey key() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  PublicKey publishKey(String id) {
    PublicKey key = key();
    fake.publish(new KeyReference.KeyId(id), new RemoteKey(key, Instant.MIN, Optional.empty()));
    return key;
  }

  @Override
  PublicKey publishCertificate(URI url) {
    PublicKey key = key();
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    fake.publish(
        new KeyReference.Certificate(url),
        new RemoteKey(key, from, Optional.of(from.plusSeconds(60))));
    return key;
  }
}
