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
    if (adopt(info, value, false)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    String mine = new EpochSentinel(info.runId(), now).text();
    SetArgs how = value.isEmpty() ? SetArgs.Builder.nx() : new SetArgs();
    // Whoever wrote first wins; the others read the winner's time.
    return lane.ask(redis -> redis.set(EpochSentinel.KEY, mine, how))
        .thenCompose(written -> lane.ask(redis -> redis.get(EpochSentinel.KEY)))
        .thenApply(read ->
            adopt(info, read, true)
                ? Optional.empty()
                : Optional.of("zen:epoch: not kept (expected: a Redis that keeps what is set)"));
  }

  private boolean adopt(RedisServerInfo info, Optional<String> value, boolean lossFound) {
    Optional<EpochSentinel> sentinel =
        value.flatMap(EpochSentinel::parse).filter(read -> read.runId().equals(info.runId()));
    sentinel.ifPresent(read -> memory.adopt(read.lostAt(), lossFound));
    return sentinel.isPresent();
  }
}
