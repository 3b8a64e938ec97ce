package io.zenmesh.extproc;

import static io.zenmesh.extproc.replay.ReplayLadder.ROUTE_TIMEOUT;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.extproc.admin.AdminServer;
import io.zenmesh.extproc.admin.ProcessorMetrics;
import io.zenmesh.extproc.admin.Readiness;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.challenge.StateFiles;
import io.zenmesh.extproc.challenge.SubscriptionConfirmer;
import io.zenmesh.extproc.keys.Reach;
import io.zenmesh.extproc.keys.RemoteKeys;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.pipeline.SelfTest;
import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.receipts.ReceiptDesk;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.RedisAccess;
import io.zenmesh.extproc.replay.RedisReplayGuard;
import io.zenmesh.extproc.replay.ReplayGuard;
import io.zenmesh.extproc.replay.StoreHealth;
import io.zenmesh.extproc.server.ProcessorServer;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.EndpointRef;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: every object of a processor, and who owns its lifetime.
 *
 * <p>Started in the order of need, ended in the reverse. The control plane and Redis may be away at
 * the start: the processor then listens, refuses, and is not ready. A Redis that answers and must
 * not be used ends the start.
 */
final class ExtProc implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExtProc.class);
  private static final int MAX_LOOPS = 4;
  private static final int MAX_WRITES = 64;
  private static final Duration STORE_WAIT = Duration.ofSeconds(10);
  private static final Duration HEALTH_PERIOD = Duration.ofMillis(250);
  private static final Duration DRAIN = ROUTE_TIMEOUT.plusSeconds(1);

  private final Settings settings;
  private final MultiThreadIoEventLoopGroup loops;
  private final ExecutorService writer;
  private final ProcessorMetrics metrics;
  private final RemoteKeys remoteKeys;
  private final ActivePolicies policies;
  private final ReplayGuard guard;
  private final Supplier<CompletableFuture<Void>> firstAttempt;
  private final Feed feed;
  private final Optional<ReceiptDesk> receipts;
  private final ProcessorServer server;
  private final Readiness readiness;
  private final Optional<AdminServer> admin;
  private final CompletableFuture<Optional<String>> selfTested = new CompletableFuture<>();

  /** The processor cannot do its work as configured; the text is for the operator. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitException(String problem) {
      super(problem);
    }
  }

  ExtProc(Settings settings, Clock clock) throws IOException {
    this.settings = settings;
    loops =
        new MultiThreadIoEventLoopGroup(
            Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors()),
            EpollIoHandler.newFactory());
    metrics = new ProcessorMetrics(this::preparedPolicies);
    remoteKeys = new RemoteKeys(Reach.internet(), metrics, clock, System::nanoTime);
    writer = writer();
    Optional<StateFiles> state = Optional.empty();
    if (settings.state().isPresent()) {
      state = Optional.of(new StateFiles(settings.state().get(), writer));
    }
    policies =
        new ActivePolicies(
            Catalogue.bundled(),
            log::error,
            state.isPresent() ? state.get() : HandshakeSecrets.NONE,
            remoteKeys);
    SubscriptionConfirmer operator = state.isPresent() ? state.get() : ExtProc::nowhereToKeep;
    if (settings.redis().isPresent()) {
      RedisReplayGuard redis = redisGuard(settings.redis().get(), clock);
      guard = redis;
      firstAttempt = redis::start;
    } else {
      guard = new InMemoryReplayGuard(clock, System::nanoTime, metrics);
      firstAttempt = () -> CompletableFuture.completedFuture(null);
    }
    feed = Feed.of(settings.source(), policies, metrics);
    receipts = receiptDesk();
    ReceiptBook book = receipts.map(ReceiptDesk::book).orElse(ReceiptBook.NONE);
    server =
        new ProcessorServer(
            settings.door(),
            loops,
            new Pipeline(policies::current, book::room, clock),
            guard,
            metrics,
            new ChallengePorts(policies::take, operator, confirmingOr(operator)),
            book,
            clock,
            System::nanoTime);
    readiness = new Readiness(feed::loaded, guard::health, clock);
    feed.state().ifPresent(readiness::configuration);
    readiness.door(server::doorProblem);
    receipts.ifPresent(desk -> readiness.receipts(desk::state));
    admin =
        settings.admin().isPresent()
            ? Optional.of(
                new AdminServer(
                    settings.admin().get().address(),
                    settings.admin().get().identity(),
                    readiness,
                    metrics))
            : Optional.empty();
  }

  private Optional<ReceiptDesk> receiptDesk() throws IOException {
    if (settings.receipts().isEmpty()) {
      return Optional.empty();
    }
    Settings.Receipts spool = settings.receipts().get();
    return Optional.of(
        ReceiptDesk.open(spool.directory(), spool.mostBytes(), feed.delivery(), metrics));
  }

  private Optional<PreparedPolicies> preparedPolicies() {
    return policies.current();
  }

  /** Opens a subscription's URL; when that comes to nothing the operator is asked after all. */
  private SubscriptionConfirmer confirmingOr(SubscriptionConfirmer operator) {
    return (endpoint, url) -> {
      var unused =
          remoteKeys
              .confirm(endpoint, url)
              .thenAccept(confirmed -> {
                if (!confirmed) {
                  operator.confirm(endpoint, url);
                }
              });
    };
  }

  private static ExecutorService writer() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(MAX_WRITES),
        Thread.ofPlatform().daemon().name("state").factory());
  }

  private static void nowhereToKeep(EndpointRef endpoint, URI url) {
    log.warn(
        "endpoint {}: a subscription waits, and its URL is not kept (expected: --state)", endpoint);
  }

  private RedisReplayGuard redisGuard(Settings.Redis redis, Clock clock) {
    return new RedisReplayGuard(
        new RedisAccess(redis.address(), redis.user(), redis.password(), redis.identity()),
        loops,
        clock,
        System::nanoTime,
        metrics);
  }

  /** Starts everything; returns where the admin server listens, if there is one. */
  Optional<InetSocketAddress> start() throws IOException, UnfitException {
    CompletableFuture<Void> storeAsked = firstAttempt.get();
    feed.start();
    receipts.ifPresent(ReceiptDesk::start);
    awaitStore(storeAsked);
    server.start();
    var unused =
        loops.scheduleAtFixedRate(
            () -> server.serving(readiness.ready()),
            0,
            HEALTH_PERIOD.toMillis(),
            TimeUnit.MILLISECONDS);
    Optional<InetSocketAddress> listening = admin.map(AdminServer::start);
    // Only now: until it is warm it would take the time to listen.
    Thread.ofPlatform().daemon().name("self-test").start(this::selfTest);
    return listening;
  }

  /** An unfit Redis must end the start, so its first answer is waited for; an absent one's not. */
  private void awaitStore(CompletableFuture<Void> storeAsked) throws UnfitException {
    storeAsked.completeOnTimeout(null, STORE_WAIT.toMillis(), TimeUnit.MILLISECONDS).join();
    if (guard.health() instanceof StoreHealth.Unfit(String problem)) {
      String store = settings.redis().map(redis -> "redis " + redis.address()).orElse("memory");
      throw new UnfitException(store + ": " + problem);
    }
  }

  private void selfTest() {
    Optional<String> problem;
    try {
      problem = SelfTest.run(Catalogue.bundled());
    } catch (RuntimeException | Error e) {
      problem = Optional.of("self-test: failed with " + e.getClass().getName());
    }
    readiness.selfTested(problem);
    selfTested.complete(problem);
  }

  /**
   * Waits for the self-test that {@link #start} began.
   *
   * @throws UnfitException when this process cannot tell a forgery from a message
   */
  void awaitSelfTest() throws UnfitException {
    Optional<String> problem = selfTested.join();
    if (problem.isPresent()) {
      throw new UnfitException(problem.get());
    }
  }

  /** Ends: requests under way are finished first, at most {@link #DRAIN}. */
  void drain() throws IOException, InterruptedException {
    readiness.drain();
    server.drain(DRAIN);
    close();
  }

  @Override
  public void close() throws IOException {
    server.close();
    admin.ifPresent(AdminServer::close);
    if (receipts.isPresent()) {
      receipts.get().close();
    }
    feed.close();
    guard.close();
    remoteKeys.close();
    writer.shutdown();
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2_000);
    settings.redis().ifPresent(redis -> redis.password().close());
  }
}
