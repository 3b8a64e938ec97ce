package io.zenmesh.extproc.replay;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.extproc.fixture.RedisFixture;
import io.zenmesh.extproc.fixture.SlowProxy;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisReplayGuardTest extends ReplayGuardContract {
  private static final int LOOPS = 2;

  @TempDir static Path directory;
  private static RedisFixture redis;
  private static MultiThreadIoEventLoopGroup loops;
  private RedisReplayGuard guard;

  @BeforeAll
  static void startRedis() {
    redis = RedisFixture.start(directory);
    loops = new MultiThreadIoEventLoopGroup(LOOPS, EpollIoHandler.newFactory());
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void connect() {
    redis.asAdmin(admin -> admin.flushall());
    guard = newGuard(redis, RedisFixture.PASSWORD);
    awaitFit(guard);
    clock.advance(Duration.ofSeconds(10));
  }

  @AfterEach
  void disconnect() {
    guard.close();
  }

  private RedisReplayGuard newGuard(RedisFixture server, String password) {
    return newGuard(server.address(), server, password);
  }

  private RedisReplayGuard newGuard(HostPort address, RedisFixture server, String password) {
    RedisAccess access =
        new RedisAccess(
            address,
            RedisFixture.USER,
            SecretBytes.takeOver(password.getBytes(StandardCharsets.UTF_8)),
            server.client());
    RedisReplayGuard made = new RedisReplayGuard(access, loops, clock, clock::nanoTime, observer);
    var unused = made.start();
    return made;
  }

  private static StoreMemory awaitFit(RedisReplayGuard guard) {
    StoreHealth health =
        eventually("redis health", guard::health, found -> found instanceof StoreHealth.Fit);
    return ((StoreHealth.Fit) health).memory();
  }

  @Override
  ReplayGuard guard() {
    return guard;
  }

  @Override
  void loseMemory() {
    Instant now = clock.instant();
    redis.asAdmin(admin -> admin.flushall());
    eventually(
        "detection of the loss",
        guard::health,
        found -> found.equals(new StoreHealth.Fit(new StoreMemory(now))));
    checksUnderWayEnd();
  }

  /**
   * Another connection may still be asking about the same loss; the tests' clock must not jump
   * under it, or it rightly counts the loss from the later time. A check asks INFO twice.
   */
  private void checksUnderWayEnd() {
    long asked = infoCalls();
    eventually(
        "later checks", RedisReplayGuardTest::infoCalls, calls -> calls >= asked + 2L * 2 * LOOPS);
  }

  private static long infoCalls() {
    String stats = redis.asAdmin(admin -> admin.info("commandstats"));
    return stats
        .lines()
        .filter(line -> line.startsWith("cmdstat_info:calls="))
        .mapToLong(line -> Long.parseLong(line.substring(19, line.indexOf(','))))
        .sum();
  }

  @Override
  Duration remaining(ReplayKey key) {
    long millis = redis.asAdmin(admin -> admin.pttl("zen:r:" + key.hex()));
    return Duration.ofMillis(Math.max(0, millis));
  }

  @Override
  void awaitExpiry(ReplayKey key, Duration window) {
    eventually("remaining time", () -> remaining(key), Duration.ZERO::equals);
  }

  @Test
  void answers_arriveOnTheAskingLoop() {
    for (var loop : loops) {
      CompletableFuture<Boolean> sameLoop = new CompletableFuture<>();
      loop.execute(() -> {
        var unused =
            guard
                .claimOnce(message(freshKey()))
                .whenComplete((result, error) -> sameLoop.complete(loop.inEventLoop()));
      });
      assertThat(done(sameLoop)).isTrue();
    }
  }

  @Test
  void lossTime_isSharedByAllGuardsOfTheStore() {
    Instant detectedFirst = ((StoreHealth.Fit) guard.health()).memory().lostAt();
    clock.advance(Duration.ofHours(1));
    try (RedisReplayGuard late = newGuard(redis, RedisFixture.PASSWORD)) {
      assertThat(awaitFit(late).lostAt()).isEqualTo(detectedFirst);
    }
  }

  @Test
  void P07_sentinelOfAnotherRun_isALoss() {
    Instant now = clock.instant();
    redis.asAdmin(admin -> admin.set("zen:epoch", "0".repeat(40) + ":1"));
    eventually(
        "detection of the loss",
        guard::health,
        found -> found.equals(new StoreHealth.Fit(new StoreMemory(now))));
  }

  @Test
  void P07_lossFoundBySlowClockElsewhere_countsFromTheOwnClock() {
    clock.advance(Duration.ofSeconds(100));
    Instant now = clock.instant();
    redis.asAdmin(admin -> {
      String run =
          EpochSentinel.parse(String.valueOf(admin.get("zen:epoch"))).orElseThrow().runId();
      return admin.set("zen:epoch", new EpochSentinel(run, now.minusSeconds(3_600)).text());
    });
    eventually(
        "detection of the loss",
        guard::health,
        found -> found.equals(new StoreHealth.Fit(new StoreMemory(now))));
  }

  @Test
  void F08_slowRedis_bothQuestionsOfAClaimShareOneTimeout() throws Exception {
    ReplayMessage message = message(freshKey());
    claimed(message);
    try (SlowProxy proxy = new SlowProxy(redis.address());
        RedisReplayGuard slow = newGuard(proxy.address(), redis, RedisFixture.PASSWORD)) {
      awaitFit(slow);
      assertThat(done(slow.claim(message))).isEqualTo(Denied.IN_FLIGHT);
      proxy.delay(Duration.ofMillis(180));
      assertThat(done(slow.claim(message))).isEqualTo(Denied.UNAVAILABLE);
    }
  }

  @Test
  void F11_evictingRedis_isUnfit(@TempDir Path other) {
    try (RedisFixture evicting = RedisFixture.start(other, "allkeys-lru");
        RedisReplayGuard unfit = newGuard(evicting, RedisFixture.PASSWORD)) {
      StoreHealth health =
          eventually("health", unfit::health, found -> found instanceof StoreHealth.Unfit);
      assertThat(((StoreHealth.Unfit) health).problem())
          .startsWith("maxmemory-policy: allkeys-lru (expected: noeviction");
      assertThat(done(unfit.claimOnce(message(freshKey())))).isEqualTo(OnceResult.UNAVAILABLE);
    }
  }

  @Test
  void R01_wrongPassword_neverAnswers() {
    try (RedisReplayGuard wrong = newGuard(redis, "not-the-password")) {
      eventually(
          "refused log-ins",
          () -> redis.asAdmin(admin -> admin.aclLog().size()),
          entries -> entries > 0);
      assertThat(wrong.health()).isEqualTo(StoreHealth.Away.AWAY);
      assertThat(done(wrong.claimOnce(message(freshKey())))).isEqualTo(OnceResult.UNAVAILABLE);
    }
  }

  @Test
  void P08_redisDown_isUnavailableAtOnce_andRecoversAsALoss() {
    ReplayMessage accepted = message(freshKey());
    assertThat(done(guard.claimOnce(accepted))).isEqualTo(OnceResult.FRESH);
    redis.stop();
    eventually("health", guard::health, StoreHealth.Away.AWAY::equals);
    assertThat(done(guard.claimOnce(message(freshKey())))).isEqualTo(OnceResult.UNAVAILABLE);
    clock.advance(Duration.ofSeconds(30));
    redis.restart();
    awaitFit(guard);
    assertThat(done(guard.claimOnce(accepted))).isEqualTo(OnceResult.UNAVAILABLE);
    clock.advance(Duration.ofSeconds(6));
    assertThat(done(guard.claimOnce(message(freshKey())))).isEqualTo(OnceResult.FRESH);
  }

  @Test
  void F08_redisFrozen_isUnavailableWithinTheTimeout_andRecovers() throws Exception {
    long pid = redis.pid();
    signal("-STOP", pid);
    try {
      long asked = System.nanoTime();
      assertThat(done(guard.claimOnce(message(freshKey())))).isEqualTo(OnceResult.UNAVAILABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofMillis(900));
      eventually("health", guard::health, StoreHealth.Away.AWAY::equals);
    } finally {
      signal("-CONT", pid);
    }
    awaitFit(guard);
    assertThat(done(guard.claimOnce(message(freshKey())))).isEqualTo(OnceResult.FRESH);
  }

  @Test
  void claim_isStoredUnderItsOwner() {
    ReplayMessage message = message(freshKey());
    Claim claim = claimed(message);
    String stored =
        redis.asAdmin(admin -> String.valueOf(admin.get("zen:r:" + message.key().hex())));
    assertThat(stored).isEqualTo(claim.owner());
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor()).isZero();
  }
}
