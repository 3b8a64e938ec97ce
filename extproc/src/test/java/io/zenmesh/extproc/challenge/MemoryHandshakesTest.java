package io.zenmesh.extproc.challenge;

import io.zenmesh.extproc.fixture.MemoryHandshakes;

class MemoryHandshakesTest extends HandshakeSecretsContract {
  private final MemoryHandshakes secrets = new MemoryHandshakes();

  @Override
  HandshakeSecrets secrets() {
    return secrets;
  }
}
