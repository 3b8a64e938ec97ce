package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StoreUrlTest {
  @TempDir Path folder;

  @Test
  void external_nothingNamed_isEmpty() {
    assertThat(PostgresStore.external(Map.of())).isEmpty();
    assertThat(RedisStore.external(Map.of("ZEN_REDIS_URL", " "))).isEmpty();
  }

  @Test
  void external_bothNamed_areRead() throws Exception {
    Files.writeString(folder.resolve("root.pem"), "");
    Files.writeString(folder.resolve("password"), "");
    PostgresStore postgres =
        PostgresStore.external(
                Map.of(
                    "ZEN_PG_URL",
                    "postgresql://db.test:6432/mesh",
                    "ZEN_PG_CREDENTIALS",
                    folder.toString()))
            .orElseThrow();
    assertThat(postgres.address()).hasToString("db.test:6432");
    assertThat(postgres.database()).isEqualTo("mesh");
    RedisStore redis =
        RedisStore.external(
                Map.of(
                    "ZEN_REDIS_URL",
                    "rediss://cache.test",
                    "ZEN_REDIS_PASSWORD_FILE",
                    folder.resolve("password").toString()))
            .orElseThrow();
    assertThat(redis.url()).isEqualTo("rediss://cache.test:6379");
    assertThat(redis.user()).isEqualTo("zen");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://cache.test:6379",
        "rediss://zen:hunter2@cache.test:6379",
        "rediss://cache.test?verifyPeer=false",
        "cache.test:6379",
        "rediss://:hunter2"
      })
  void external_plaintextOrWithPassword_isRefusedWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> RedisStore.external(Map.of("ZEN_REDIS_URL", url)))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("expected: rediss://host:port")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void external_redisCredentials_bringTheirOwnCertificateAndPassword() throws Exception {
    Map<String, String> environment =
        Map.of("ZEN_REDIS_URL", "rediss://cache.test", "ZEN_REDIS_CREDENTIALS", folder.toString());
    assertThatThrownBy(() -> RedisStore.external(environment))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("ZEN_REDIS_CREDENTIALS: no file " + folder.resolve("svid.pem"));
    for (String file : new String[] {"svid.pem", "key.pem", "bundle.pem", "password"}) {
      Files.writeString(folder.resolve(file), "");
    }
    RedisStore redis = RedisStore.external(environment).orElseThrow();
    assertThat(redis.identity().orElseThrow().directory()).isEqualTo(folder);
    assertThat(redis.passwordFile()).isEqualTo(folder.resolve("password"));
  }
}
