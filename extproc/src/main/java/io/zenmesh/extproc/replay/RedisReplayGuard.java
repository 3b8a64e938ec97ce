package io.zenmesh.extproc.replay;

import io.lettuce.core.SetArgs;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.zenmesh.extproc.replay.ClaimResult.Claimed;
import io.zenmesh.extproc.replay.ClaimResult.Denied;
import io.zenmesh.extproc.replay.StoreMemory.Ruling;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A guard whose memory is a Redis, shared by all processes that ask the same one.
 *
 * <p>One connection per event loop: a question asked on a loop is answered on it. Only GET, SET,
 * DEL, PING and INFO are sent, on keys {@code zen:*}; no command is ever sent twice. A server whose
 * {@code maxmemory-policy} is not {@code noeviction} is never asked.
 */
public final class RedisReplayGuard implements ReplayGuard {
  private static final String KEY_PREFIX = "zen:r:";
  private static final String COMMITTED = "c";
  private static final String OWNED = "o:";

  private final List<RedisLane> lanes;
  private final RedisClients clients;
  private final ExecutorService connecting;
  private final SharedMemory memory;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final ReplayObserver observer;
  private final String process = Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final AtomicLong owners = new AtomicLong();

  /**
   * Prepares a guard; {@link #start} connects it.
   *
   * @param loops where the connections live and answers arrive; stays the caller's
   * @param nanoTime the monotonic clock, {@code System::nanoTime}
   */
  public RedisReplayGuard(
      RedisAccess access,
      EventLoopGroup loops,
      InstantSource clock,
      LongSupplier nanoTime,
      ReplayObserver observer) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.observer = observer;
    this.memory = new SharedMemory(observer);
    this.clients = new RedisClients(access);
    this.connecting =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("redis-connect").factory());
    StoreCheck check = new StoreCheck(clock, memory);
    List<RedisLane> built = new ArrayList<>();
    for (EventExecutor loop : loops) {
      built.add(new RedisLane((EventLoop) loop, clients, connecting, check, observer));
    }
    this.lanes = List.copyOf(built);
  }

  /**
   * Begins to connect, and goes on for as long as it takes; see {@link #health()}.
   *
   * @return completes, always normally, when each first attempt has succeeded or failed
   */
  public CompletableFuture<Void> start() {
    return CompletableFuture.allOf(
        lanes.stream().map(RedisLane::start).toArray(CompletableFuture[]::new));
  }

  @Override
  public CompletionStage<OnceResult> claimOnce(ReplayMessage message) {
    RedisLane lane = lane();
    Optional<StoreMemory> then = memory.current();
    Ruling ruling = rule(lane, then, message);
    if (ruling == Ruling.REFUSE) {
      return CompletableFuture.completedStage(OnceResult.UNAVAILABLE);
    }
    SetArgs once = SetArgs.Builder.nx().px(message.window().toMillis());
    return lane.ask(redis -> redis.set(key(message.key()), COMMITTED, once))
        .handle((reply, error) -> {
          if (error != null || forgotSince(then, message)) {
            return OnceResult.UNAVAILABLE;
          }
          if (reply.isEmpty()) {
            return OnceResult.SEEN;
          }
          accepted(ruling);
          return OnceResult.FRESH;
        });
  }

  @Override
  public CompletionStage<ClaimResult> claim(ReplayMessage message) {
    RedisLane lane = lane();
    Optional<StoreMemory> then = memory.current();
    Ruling ruling = rule(lane, then, message);
    if (then.isEmpty() || ruling == Ruling.REFUSE) {
      return CompletableFuture.completedStage(Denied.UNAVAILABLE);
    }
    String owner = OWNED + process + "." + owners.incrementAndGet();
    Claim claim =
        new Claim(message.key(), owner, message.window(), nanoTime.getAsLong(), then.get());
    SetArgs claiming = SetArgs.Builder.nx().px(ReplayLadder.CLAIM_TTL.toMillis());
    return lane.ask(redis ->
            // Both questions in one, so that they share one time-out.
            redis
                .set(key(message.key()), owner, claiming)
                .thenCompose(reply ->
                    "OK".equals(reply)
                        ? CompletableFuture.completedStage(owner)
                        : redis.get(key(message.key()))))
        .handle((holder, error) -> {
          if (error != null || forgotSince(then, message)) {
            return Denied.UNAVAILABLE;
          }
          ClaimResult result = resultOf(claim, holder);
          if (result instanceof Claimed) {
            accepted(ruling);
          }
          return result;
        });
  }

  private static ClaimResult resultOf(Claim claim, Optional<String> holder) {
    if (holder.isEmpty()) {
      // Released or expired between the two questions: the sender's next attempt will pass.
      return Denied.IN_FLIGHT;
    }
    if (holder.get().equals(claim.owner())) {
      return new Claimed(claim);
    }
    return holder.get().equals(COMMITTED) ? Denied.COMMITTED : Denied.IN_FLIGHT;
  }

  @Override
  public CompletionStage<Boolean> commit(Claim claim) {
    SetArgs keep = SetArgs.Builder.px(claim.window().toMillis());
    return lane()
        .ask(redis -> redis.set(key(claim.key()), COMMITTED, keep))
        .handle((reply, error) -> error == null && reply.isPresent());
  }

  @Override
  public CompletionStage<Boolean> release(Claim claim) {
    Optional<StoreMemory> now = memory.current();
    if (now.isEmpty() || !claim.releasable(nanoTime.getAsLong(), now.get())) {
      return CompletableFuture.completedStage(false);
    }
    return lane()
        .ask(redis -> redis.del(key(claim.key())))
        .handle((reply, error) -> error == null && reply.isPresent());
  }

  @Override
  public StoreHealth health() {
    for (RedisLane lane : lanes) {
      if (lane.fitness() == RedisLane.Fitness.UNFIT) {
        return new StoreHealth.Unfit(lane.problem());
      }
    }
    Optional<StoreMemory> known = memory.current();
    boolean all = lanes.stream().allMatch(lane -> lane.fitness() == RedisLane.Fitness.FIT);
    return all && known.isPresent() ? new StoreHealth.Fit(known.get()) : StoreHealth.Away.AWAY;
  }

  @Override
  public void close() {
    lanes.forEach(RedisLane::close);
    connecting.shutdown();
    clients.close();
  }

  private RedisLane lane() {
    for (RedisLane lane : lanes) {
      if (lane.onThisThread()) {
        return lane;
      }
    }
    return lanes.getFirst();
  }

  private Ruling rule(RedisLane lane, Optional<StoreMemory> known, ReplayMessage message) {
    return lane.fitness() == RedisLane.Fitness.FIT && known.isPresent()
        ? known.get().rule(message, clock.instant())
        : Ruling.REFUSE;
  }

  private void accepted(Ruling ruling) {
    if (ruling == Ruling.ASK_AND_ALARM) {
      observer.acceptedAfterLoss();
    }
  }

  /** Whether a loss detected while the question was out makes its answer worthless. */
  private boolean forgotSince(Optional<StoreMemory> then, ReplayMessage message) {
    Optional<StoreMemory> now = memory.current();
    return !now.equals(then)
        && now.map(known -> known.rule(message, clock.instant()) == Ruling.REFUSE).orElse(true);
  }

  private static String key(ReplayKey key) {
    return KEY_PREFIX + key.hex();
  }
}
