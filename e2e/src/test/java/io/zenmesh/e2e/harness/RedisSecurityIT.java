package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded Redis refuses plaintext, strangers, and everything but six commands on zen:*. */
final class RedisSecurityIT {
  @TempDir static Path folder;
  private static StoreFixture fixture;
  private static EmbeddedRedis redis;

  @BeforeAll
  static void start() {
    fixture = new StoreFixture(folder);
    redis =
        EmbeddedRedis.start(
            fixture.supervisor, MeshStart.redisSpec(fixture.files, "redis", Ports.anyFree()));
  }

  @AfterAll
  static void end() {
    fixture.close();
  }

  private static IdentityFiles client() {
    return fixture.files.identity("extproc-ingress-1");
  }

  private static RedisConnection connect(SSLContext tls) throws IOException {
    return RedisConnection.open(redis.address(), Optional.of(tls));
  }

  private static RedisConnection loggedIn() throws IOException {
    RedisConnection connection = connect(PemIdentity.mutualTls(client()));
    connection.login(RedisFiles.USER, fixture.files.redisPassword());
    return connection;
  }

  @Test
  void login_certificateAndPassword_mayUseTheSixCommands() throws Exception {
    try (RedisConnection connection = loggedIn()) {
      assertThat(connection.command("PING")).isEqualTo("PONG");
      assertThat(connection.command("SET", "zen:a", "1", "NX", "PX", "60000")).isEqualTo("OK");
      assertThat(connection.command("SET", "zen:a", "2", "NX", "PX", "60000")).isEqualTo("(nil)");
      assertThat(connection.command("GET", "zen:a")).isEqualTo("1");
      assertThat(Long.parseLong(connection.command("PTTL", "zen:a"))).isPositive();
      assertThat(connection.command("DEL", "zen:a")).isEqualTo("1");
      assertThat(connection.command("INFO", "server")).contains("run_id:");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET other:a",
        "SET other:a 1",
        "CONFIG GET requirepass",
        "CONFIG SET maxmemory-policy allkeys-lru",
        "EVAL return(1) 0",
        "FLUSHALL",
        "FLUSHDB",
        "KEYS *",
        "ACL LIST",
        "DEBUG SLEEP 0",
        "SHUTDOWN",
        "SUBSCRIBE zen:a",
        "EXPIRE zen:a 1"
      })
  void command_beyondTheSix_isRefused(String words) throws Exception {
    try (RedisConnection connection = loggedIn()) {
      assertThatThrownBy(() -> connection.command(words.split(" ")))
          .isInstanceOf(RedisConnection.Refused.class)
          .hasMessageStartingWith("NOPERM");
    }
  }

  @Test
  void connect_inClearText_isRefused() {
    assertThatThrownBy(
            () -> {
              try (RedisConnection plain =
                  RedisConnection.open(redis.address(), Optional.empty())) {
                plain.command("PING");
              }
            })
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(RedisConnection.Refused.class);
  }

  private static void assertRefused(SSLContext tls, String alert) {
    assertThatThrownBy(
            () -> {
              try (RedisConnection connection = connect(tls)) {
                connection.awaitRefusal();
              }
            })
        .isInstanceOf(SSLException.class)
        .hasMessageContaining(alert);
  }

  @Test
  void connect_withoutCertificate_isRefused() {
    assertRefused(PemIdentity.trusting(fixture.files.roots()), "certificate_required");
  }

  @Test
  void connect_certificateFromAnotherAuthority_isRefused() throws Exception {
    assertRefused(PemIdentity.mutualTls(fixture.fromAnotherAuthority("extproc")), "unknown_ca");
  }

  @Test
  void connect_clientTrustsAnotherAuthority_refusesTheServer() {
    SSLContext tls = PemIdentity.context(fixture.strangersRoots(), Optional.of(client()));
    assertThatThrownBy(() -> connect(tls)).hasMessageContaining("PKIX");
  }

  @Test
  void command_withoutLogin_isRefused() throws Exception {
    try (RedisConnection connection = connect(PemIdentity.mutualTls(client()))) {
      assertThatThrownBy(() -> connection.command("GET", "zen:a"))
          .isInstanceOf(RedisConnection.Refused.class)
          .hasMessageStartingWith("NOAUTH");
    }
  }

  @Test
  void login_wrongPasswordOrDefaultUser_isRefused() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong"), "not-it");
    for (String user : new String[] {RedisFiles.USER, RedisFiles.ADMIN, "default"}) {
      try (RedisConnection connection = connect(PemIdentity.mutualTls(client()))) {
        assertThatThrownBy(() -> connection.login(user, wrong))
            .isInstanceOf(RedisConnection.Refused.class)
            .hasMessageStartingWith("WRONGPASS");
      }
    }
  }

  @Test
  void settings_nothingIsEvictedOrSaved() {
    assertThat(redis.admin("CONFIG", "GET", "maxmemory-policy")).contains("noeviction");
    assertThat(redis.admin("CONFIG", "GET", "save")).isEqualTo("save\n");
    assertThat(redis.admin("CONFIG", "GET", "tls-auth-clients")).contains("yes");
  }

  @Test
  void users_onDisk_areHashedAndPrivate() throws Exception {
    Path acl = fixture.files.state().redis().resolve("redis").resolve("users.acl");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(acl)))
        .isEqualTo("rw-------");
    assertThat(acl).content().doesNotContain(Files.readString(fixture.files.redisPassword()));
  }

  @Test
  void restart_afterKill_isEmptyOnTheSameAddress() throws Exception {
    EmbeddedRedis other =
        EmbeddedRedis.start(
            fixture.supervisor, MeshStart.redisSpec(fixture.files, "redis-2", Ports.anyFree()));
    assertThat(other.admin("SET", "zen:b", "1")).isEqualTo("OK");
    other.kill();
    other.restart();
    assertThat(other.admin("GET", "zen:b")).isEqualTo("(nil)");
    other.stop();
  }
}
