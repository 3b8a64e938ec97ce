package io.zenmesh.extproc.replay;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Redis, bound to one event loop, which it keeps open, checked and on time.
 *
 * <p>Questions asked on the loop are answered on the loop, without a hop. Fields that are not
 * volatile belong to the loop.
 */
final class RedisLane implements RedisConnectionStateListener {
  private static final Logger log = LoggerFactory.getLogger(RedisLane.class);
  private static final long CHECK_MILLIS = 1_000;
  private static final int RECONNECT_MILLIS = 200;
  private static final int SILENT_CHECKS_BEFORE_RECONNECT = 3;

  private final EventLoop loop;
  private final RedisClient client;
  private final RedisURI uri;
  private final Executor connecting;
  private final StoreCheck check;
  private final ReplayObserver observer;
  private final PendingAnswers pending;
  private final CompletableFuture<Void> firstAttempt = new CompletableFuture<>();
  private volatile Fitness fitness = Fitness.AWAY;
  private volatile String problem = "";
  private Optional<StatefulRedisConnection<String, String>> connection = Optional.empty();
  private boolean checking;
  private boolean closed;
  private int silentChecks;

  /** Whether claims may be asked over this lane. */
  enum Fitness {
    FIT,
    UNFIT,
    AWAY
  }

  /** The store did not answer; carries no stack, since it is control flow. */
  static final class Unanswered extends RuntimeException {
    static final Unanswered INSTANCE = new Unanswered();

    private Unanswered() {
      super("store: no answer", null, false, false);
    }
  }

  RedisLane(
      EventLoop loop,
      RedisClients clients,
      Executor connecting,
      StoreCheck check,
      ReplayObserver observer) {
    this.loop = loop;
    this.client = clients.on(loop);
    this.uri = clients.uri();
    this.connecting = connecting;
    this.check = check;
    this.observer = observer;
    this.pending = new PendingAnswers(loop, observer);
    client.addListener(this);
  }

  boolean onThisThread() {
    return loop.inEventLoop();
  }

  Fitness fitness() {
    return fitness;
  }

  String problem() {
    return problem;
  }

  /** Completes when the first attempt to connect and check has succeeded or failed. */
  CompletableFuture<Void> start() {
    connect();
    var unused =
        loop.scheduleAtFixedRate(this::checkNow, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    return firstAttempt;
  }

  void close() {
    onLoop(() -> {
      closed = true;
      down();
    });
  }

  /**
   * Asks one question. The answer comes on the loop: empty for a nil reply, {@link Unanswered} when
   * there is no connection, it breaks, the server reports an error, or time is up.
   */
  <T> CompletableFuture<Optional<T>> ask(
      Function<RedisAsyncCommands<String, String>, ? extends CompletionStage<T>> command) {
    CompletableFuture<Optional<T>> answer = new CompletableFuture<>();
    try {
      onLoop(() -> askOnLoop(command, answer));
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(Unanswered.INSTANCE);
    }
    return answer;
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }

  private <T> void askOnLoop(
      Function<RedisAsyncCommands<String, String>, ? extends CompletionStage<T>> command,
      CompletableFuture<Optional<T>> answer) {
    if (connection.isEmpty()) {
      answer.completeExceptionally(Unanswered.INSTANCE);
      return;
    }
    long asked = System.nanoTime();
    var unused =
        command
            .apply(connection.get().async())
            .whenComplete((value, error) -> {
              if (error != null) {
                pending.fail(answer);
              } else if (answer.complete(Optional.ofNullable(value))) {
                observer.answered(System.nanoTime() - asked);
              }
            });
    pending.add(answer, asked);
  }

  private void connect() {
    // Off the loop: building the TLS context reads files.
    connecting.execute(() -> {
      try {
        var unused =
            client
                .connectAsync(StringCodec.ASCII, uri)
                .whenComplete((opened, error) ->
                    onLoop(() -> {
                      if (error == null) {
                        opened(opened);
                      } else {
                        reconnectLater(error);
                      }
                    }));
      } catch (RuntimeException e) {
        onLoop(() -> reconnectLater(e));
      }
    });
  }

  private void opened(StatefulRedisConnection<String, String> opened) {
    if (closed || !opened.isOpen()) {
      var unused = opened.closeAsync();
      reconnectLater(Unanswered.INSTANCE);
      return;
    }
    connection = Optional.of(opened);
    silentChecks = 0;
    checkNow();
  }

  private void reconnectLater(Throwable cause) {
    firstAttempt.complete(null);
    if (closed) {
      return;
    }
    log.debug("redis connect failed: {}", cause.getClass().getSimpleName());
    int delay = RECONNECT_MILLIS + ThreadLocalRandom.current().nextInt(RECONNECT_MILLIS);
    var unused = loop.schedule(this::connect, delay, TimeUnit.MILLISECONDS);
  }

  private void checkNow() {
    if (closed || checking || connection.isEmpty()) {
      return;
    }
    checking = true;
    var unused =
        check
            .run(this)
            .whenComplete((found, error) ->
                onLoop(() -> {
                  checking = false;
                  if (error == null) {
                    checked(found);
                  } else {
                    silent();
                  }
                  firstAttempt.complete(null);
                }));
  }

  private void checked(Optional<String> found) {
    silentChecks = 0;
    if (connection.isEmpty()) {
      return;
    }
    found
        .filter(text -> !text.equals(problem))
        .ifPresent(text -> log.error("redis unfit: {}", text));
    problem = found.orElse("");
    become(found.isEmpty() ? Fitness.FIT : Fitness.UNFIT);
  }

  private void silent() {
    become(Fitness.AWAY);
    silentChecks++;
    if (silentChecks >= SILENT_CHECKS_BEFORE_RECONNECT && connection.isPresent()) {
      down();
    }
  }

  private void down() {
    become(Fitness.AWAY);
    if (connection.isEmpty()) {
      return;
    }
    StatefulRedisConnection<String, String> broken = connection.get();
    connection = Optional.empty();
    var unused = broken.closeAsync();
    pending.failAll();
    reconnectLater(Unanswered.INSTANCE);
  }

  private void become(Fitness next) {
    if (fitness != next) {
      log.info("redis {} -> {}", fitness, next);
      fitness = next;
    }
  }

  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> channel) {
    onLoop(() -> {
      if (connection.isPresent() && connection.get() == channel) {
        down();
      }
    });
  }
}
