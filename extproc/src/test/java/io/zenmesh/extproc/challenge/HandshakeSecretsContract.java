package io.zenmesh.extproc.challenge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What whoever keeps handed-over secrets must do. */
abstract class HandshakeSecretsContract {
  static final EndpointRef ASANA = EndpointRef.parse("acme/asana");
  private static final EndpointRef OTHER = EndpointRef.parse("acme/other");

  abstract HandshakeSecrets secrets();

  static SecretBytes secret(String text) {
    return SecretBytes.takeOver(text.getBytes(UTF_8));
  }

  private static boolean store(HandshakeSecrets secrets, EndpointRef ref, String text) {
    return secrets.store(ref, secret(text)).toCompletableFuture().join();
  }

  @Test
  void secret_isFoundAsItWasStored_byItsEndpointOnly() {
    HandshakeSecrets secrets = secrets();
    assertThat(secrets.find(ASANA)).isEmpty();
    assertThat(store(secrets, ASANA, "first-secret-of-a-test")).isTrue();
    assertThat(secrets.find(ASANA).orElseThrow().sameAs(secret("first-secret-of-a-test"))).isTrue();
    assertThat(secrets.find(OTHER)).isEmpty();
  }

  @Test
  void secret_isNeverOverwritten() {
    HandshakeSecrets secrets = secrets();
    assertThat(store(secrets, ASANA, "first-secret-of-a-test")).isTrue();
    assertThat(store(secrets, ASANA, "second-secret-of-a-test")).isFalse();
    assertThat(store(secrets, ASANA, "first-secret-of-a-test")).isFalse();
    assertThat(secrets.find(ASANA).orElseThrow().sameAs(secret("first-secret-of-a-test"))).isTrue();
  }

  @Test
  void ofManySecretsAtOnce_exactlyOneIsStored() throws Exception {
    HandshakeSecrets secrets = secrets();
    CountDownLatch start = new CountDownLatch(1);
    int stored = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        String text = "secret-of-a-test-" + i;
        results.add(
            threads.submit(() -> {
              start.await();
              return store(secrets, ASANA, text);
            }));
      }
      start.countDown();
      for (Future<Boolean> result : results) {
        stored += result.get() ? 1 : 0;
      }
    }
    assertThat(stored).isEqualTo(1);
  }
}
