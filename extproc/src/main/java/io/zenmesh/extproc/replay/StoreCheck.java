package io.zenmesh.extproc.replay;

import io.lettuce.core.SetArgs;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a Redis whether it may hold replay keys and still remembers them, and marks it when it does
 * not. Stateless but for the memory it reports to.
 */
final class StoreCheck {
  private final InstantSource clock;
  private final SharedMemory memory;

  StoreCheck(InstantSource clock, SharedMemory memory) {
    this.clock = clock;
    this.memory = memory;
  }

  /**
   * Completes with what is wrong with the server, empty when it is fit and the shared memory is up
   * to date; exceptionally when it did not answer.
   */
  CompletableFuture<Optional<String>> run(RedisLane lane) {
    CompletableFuture<Optional<String>> server = lane.ask(redis -> redis.info("server"));
    CompletableFuture<Optional<String>> usage = lane.ask(redis -> redis.info("memory"));
    CompletableFuture<Optional<String>> sentinel = lane.ask(redis -> redis.get(EpochSentinel.KEY));
    return server
        .thenCombine(usage, (a, b) -> RedisServerInfo.parse(a.orElse("") + "\n" + b.orElse("")))
        .thenCompose(info -> sentinel.thenCompose(value -> judge(lane, info, value)));
  }

  private CompletableFuture<Optional<String>> judge(
      RedisLane lane, RedisServerInfo info, Optional<String> value) {
    Optional<String> problem = info.problem();
    if (problem.isPresent()) {
      return CompletableFuture.completedFuture(problem);
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Optional<EpochSentinel> kept = ofThisRun(info, value);
    if (kept.isPresent()) {
      memory.read(kept.get(), now);
      return CompletableFuture.completedFuture(Optional.empty());
    }
    String mine = new EpochSentinel(info.runId(), now).text();
    // An absent sentinel is the first writer's, a stale one the last writer's. Either way each
    // finder counts from its own clock at least, so that it does not matter whose text stays.
    SetArgs how = value.isEmpty() ? SetArgs.Builder.nx() : new SetArgs();
    return lane.ask(redis -> redis.set(EpochSentinel.KEY, mine, how))
        .thenCompose(written -> lane.ask(redis -> redis.get(EpochSentinel.KEY)))
        .thenApply(read -> {
          Optional<EpochSentinel> standing = ofThisRun(info, read);
          standing.ifPresent(sentinel -> memory.found(sentinel, now));
          return standing.isPresent()
              ? Optional.empty()
              : Optional.of("zen:epoch: not kept (expected: a Redis that keeps what is set)");
        });
  }

  private static Optional<EpochSentinel> ofThisRun(RedisServerInfo info, Optional<String> value) {
    return value.flatMap(EpochSentinel::parse).filter(read -> read.runId().equals(info.runId()));
  }
}
